import { Box } from 'ink';

import type { ApiStatus, Status } from '../../shared/views.ts';
import { Line, Say } from '../components/say.tsx';
import { bytes, duration } from '../format.ts';
import { shopNames } from '../shop-names.ts';
import { type DaemonState, freshness } from '../state.ts';
import type { Meaning } from '../theme.ts';
import { apiWords, clockWords } from '../words.ts';

const seconds = (ms: number): string => duration(Math.max(0, Math.ceil(ms / 1000)));

/** The state of the connection, as a symbol, words and a meaning. */
export const linkWords = (daemon: DaemonState): readonly [Meaning, string] => {
  const { link, nowMs, heardMs } = daemon;
  const age = heardMs === null ? '' : `, data from ${duration((nowMs - heardMs) / 1000)} ago`;
  if (link.kind === 'connecting') return ['waiting', `◌ connecting${age}`];
  if (link.kind === 'down') return ['bad', `◌ reconnecting in ${seconds(link.retryAtMs - nowMs)}${age}`];
  if (freshness(daemon) === 'silent' && heardMs !== null) {
    return ['waiting', `◌ connected, no data for ${duration((nowMs - heardMs) / 1000)}`];
  }
  return ['good', link.readOnly ? '● connected, read only' : '● connected'];
};

const facts = (status: Status, nowMs: number): string =>
  `shopsyncd ${status.version}  pid ${status.pid}  up ${duration((nowMs - Date.parse(status.startedAt)) / 1000)}`;

/** The budget of a shop stands here while it is the only one; of several each has it with its streams. */
const budgetsOf = (status: Status | null): readonly ApiStatus[] =>
  status === null || status.api.length > 1 ? [] : status.api;

/** How many lines the header takes. */
export const headerRows = ({ status }: DaemonState): number =>
  2 + (status === null || clockWords(status) === null ? 0 : 1) + budgetsOf(status).length;

/** Who answers, how well, and what is left of the API's budget. */
export function Header({ daemon }: { readonly daemon: DaemonState }) {
  const { status, link, nowMs } = daemon;
  const [meaning, words] = linkWords(daemon);
  const clock = status === null ? null : clockWords(status);
  const nameOf = shopNames(status?.shops ?? []);
  return (
    <Box flexDirection="column" flexShrink={0}>
      <Line>
        <Say is="strong">shopsync</Say>
        {'  '}
        <Say is={meaning}>{words}</Say>
        {status === null ? '' : `  ${facts(status, nowMs)}`}
      </Line>
      <Line>
        <Say is="quiet">
          {link.kind === 'up' ? link.path : link.kind === 'down' ? link.why : 'looking for the daemon'}
          {status === null ? '' : `  store ${bytes(status.store.bytes)}`}
        </Say>
      </Line>
      {clock !== null && (
        <Line>
          <Say is="bad">{clock}</Say>
        </Line>
      )}
      {budgetsOf(status).map((api) => (
        <Line key={api.shop}>
          {nameOf(api.shop)}
          {'  '}
          <Say is={api.throttledUntil === null ? 'quiet' : 'waiting'}>{apiWords(api, nowMs)}</Say>
        </Line>
      ))}
    </Box>
  );
}
