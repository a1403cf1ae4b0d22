import { z } from 'zod';

import { streamNames, usualStreams } from '../../shared/streams.ts';
import { baseUrl, hostPort } from './kinds-net.ts';
import { clockSpan, cron, timeZone, utcDate } from './kinds-time.ts';
import {
  duration,
  flag,
  integer,
  list,
  listOf,
  number,
  oneOf,
  orOff,
  orUnset,
  path,
  socketPath,
  text,
} from './kinds.ts';
import { option, optionInfo, type OptionInfo } from './option.ts';

/** Where a secret may lie in a file of its own. */
const secretFile = (name: string, meaning: string) =>
  option(orUnset(path), { key: `api.${name}_file`, fallback: undefined, meaning, path: 'beside' });

const api = z.object({
  baseUrl: option(baseUrl, {
    key: 'api.base_url',
    fallback: 'https://open-api.tiktokglobalshop.com',
    meaning: 'Host of the API. `http://` is allowed; a warning when the host is not loopback.',
  }),
  authUrl: option(baseUrl, {
    key: 'api.auth_url',
    fallback: 'https://auth.tiktok-shops.com',
    meaning: 'Host that issues and refreshes tokens.',
  }),
  appKey: option(orUnset(text), { key: 'api.app_key', fallback: undefined, meaning: 'Key of your app at TikTok.' }),
  shops: option(list, {
    key: 'api.shops',
    fallback: '',
    fallbackWords: 'all that the token may see',
    meaning: 'Ids of the shops to sync.',
  }),
  requestsPerSecond: option(number(1, 10_000), {
    key: 'api.requests_per_second',
    fallback: 10,
    meaning:
      'Ceiling per shop and endpoint. Unset: starts at 3 (analytics 0.5) and grows by success to the ceiling; set: starts there. Halves on 429, remembers its level over restarts.',
  }),
  requestsPerDay: option(orOff(integer(1, 1_000_000_000)), {
    key: 'api.requests_per_day',
    fallback: 'off',
    meaning: 'A daily quota: live work keeps a reserve, a backfill is spread over days, the ETA knows.',
  }),
  concurrency: option(integer(1, 10_000), {
    key: 'api.concurrency',
    fallback: 8,
    meaning: 'Requests under way per shop, live work included.',
  }),
  /** Milliseconds. */
  timeoutMs: option(duration('1ms', '1d'), { key: 'api.timeout', fallback: '20s', meaning: 'One request.' }),
  appSecretFile: secretFile('app_secret', 'File with the secret of your app; refused when others can read it.'),
  accessTokenFile: secretFile('access_token', 'File with the access token; refused when others can read it.'),
  refreshTokenFile: secretFile('refresh_token', 'File with the refresh token; refused when others can read it.'),
});

const sync = z.object({
  streams: option(listOf(streamNames), {
    key: 'sync.streams',
    fallback: usualStreams.join(','),
    fallbackWords: usualStreams.join(', '),
    meaning: `What is synced: any of ${streamNames.join(', ')}.`,
  }),
  /** Milliseconds. */
  overlapMs: option(duration('0s', '3650d'), {
    key: 'sync.overlap',
    fallback: '5m',
    meaning: 'How far before the watermark an incremental run starts.',
  }),
  /** Milliseconds. */
  settleMs: option(duration('0s', '3650d'), {
    key: 'sync.settle',
    fallback: '60s',
    meaning: 'How far before now coverage ends: newer records are stored at once and read again.',
  }),
  /** Unix seconds. */
  since: option(utcDate, { key: 'sync.since', fallback: '2020-01-01', meaning: 'UTC date where a full run starts.' }),
  /** Milliseconds. */
  recheckMs: option(orOff(duration('0s', '36500d')), {
    key: 'sync.recheck',
    fallback: '45d',
    meaning: 'Once a day, in quiet hours, open orders created within it are read again by id.',
  }),
});

const schedule = z.object({
  orders: option(orOff(cron), {
    key: 'schedule.orders',
    fallback: '*/15 * * * *',
    meaning: 'Cron, in the time zone of the shop.',
  }),
  products: option(orOff(cron), { key: 'schedule.products', fallback: '0 * * * *', meaning: 'The same for products.' }),
  analytics: option(orOff(cron), {
    key: 'schedule.analytics',
    fallback: '30 6 * * *',
    meaning: 'The same for analytics.',
  }),
  returns: option(orOff(cron), {
    key: 'schedule.returns',
    fallback: '*/30 * * * *',
    meaning: 'The same for returns, where `sync.streams` names them.',
  }),
  cancellations: option(orOff(cron), {
    key: 'schedule.cancellations',
    fallback: '*/30 * * * *',
    meaning: 'The same for cancellations.',
  }),
  statements: option(orOff(cron), {
    key: 'schedule.statements',
    fallback: '0 8 * * *',
    meaning: 'The same for finance statements; TikTok makes one a day.',
  }),
  full: option(orOff(cron), { key: 'schedule.full', fallback: 'off', meaning: 'When everything is read again.' }),
  audit: option(orOff(cron), {
    key: 'schedule.audit',
    fallback: '15 3 * * *',
    meaning: 'When the shop is compared with the store.',
  }),
  quietHours: option(orOff(clockSpan), {
    key: 'schedule.quiet_hours',
    fallback: '01:00-06:00',
    meaning: 'When heavy work may start by itself.',
  }),
  adaptive: option(flag, {
    key: 'schedule.adaptive',
    fallback: true,
    meaning:
      'Runs between the ticks while orders arrive (down to 1 minute apart), leaves ticks out while idle (at most 60 minutes without a run). false: exactly the cron.',
  }),
  timeZone: option(orUnset(timeZone), {
    key: 'schedule.time_zone',
    fallback: undefined,
    fallbackWords: 'from the region of the shop',
    meaning: 'IANA name.',
  }),
});

const http = z.object({
  listen: option(orOff(hostPort), {
    key: 'http.listen',
    fallback: 'off',
    meaning: '`host:port` of the HTTP listener: webhooks, health, metrics, the calls of the older dashboard.',
  }),
  tokenFile: option(orOff(path), {
    key: 'http.token_file',
    fallback: 'off',
    meaning: 'File with the bearer token for the calls of the older dashboard.',
    path: 'beside',
  }),
});

const store = z.object({
  path: option(path, {
    key: 'store.path',
    fallback: 'shopsync.db',
    fallbackWords: '`shopsync.db` in the state folder',
    meaning: 'The database. A relative path counts from the state folder.',
    path: 'state',
  }),
  keepPayload: option(flag, {
    key: 'store.keep_payload',
    fallback: true,
    meaning: 'Keep the JSON of the API beside the columns.',
  }),
});

const log = z.object({
  level: option(oneOf(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'off']), {
    key: 'log.level',
    fallback: 'info',
    meaning: '`trace`, `debug`, `info`, `warn`, `error`, `fatal` or `off`.',
  }),
});

const rpc = z.object({
  socket: option(socketPath, {
    key: 'rpc.socket',
    fallback: 'control.sock',
    fallbackWords: '`control.sock` in the runtime folder',
    meaning: '`observe.sock` lies beside it and takes only reading methods.',
    path: 'runtime',
  }),
  group: option(orUnset(text), {
    key: 'rpc.group',
    fallback: undefined,
    fallbackWords: 'the group of the daemon',
    meaning: 'Group (name or number) that may use `control.sock`.',
  }),
  observeGroup: option(orUnset(text), {
    key: 'rpc.observe_group',
    fallback: undefined,
    fallbackWords: 'the group of the daemon',
    meaning: 'Group (name or number) that may use `observe.sock`.',
  }),
});

/** Every key of the configuration, once: from here come the type, the checks, the environment's names and the README. */
export const table = z.object({ api, sync, schedule, http, store, log, rpc });

export interface Row extends OptionInfo {
  /** The names of the value in the checked configuration: `config[section][property]`. */
  readonly section: string;
  readonly property: string;
}

/** The table as a list, in its order. */
export const rows: readonly Row[] = Object.entries(table.shape).flatMap(([section, { shape }]) =>
  Object.entries(shape).map(([property, schema]) => {
    const info = optionInfo.get(schema);
    if (info === undefined) throw new Error(`${section}.${property} stands in the table without its row.`);
    return { ...info, section, property };
  }),
);
