import { orderStatuses } from '../shared/order-statuses.ts';
import type { Failure, Run, RunKind, RunState } from '../shared/run-views.ts';
import type { ApiStatus, LadderStep, Progress, Rung, Status, StreamStatus } from '../shared/views.ts';
import { ago, amount, brief, duration, instant, number, percent, rate, took, until } from './format.ts';
import type { NameOf } from './shop-names.ts';
import type { Meaning } from './theme.ts';
import { noBreak } from './width.ts';

/** How a run stands, as a symbol, a word and a meaning. */
export const states: Readonly<Record<RunState, { readonly symbol: string; readonly meaning: Meaning }>> = {
  running: { symbol: '▶', meaning: 'busy' },
  succeeded: { symbol: '✓', meaning: 'good' },
  failed: { symbol: '✕', meaning: 'bad' },
  cancelled: { symbol: '■', meaning: 'waiting' },
  interrupted: { symbol: '!', meaning: 'waiting' },
};

/** What a stream's records are called. */
const nouns: Readonly<Record<string, string>> = { analytics: 'days' };
export const noun = (stream: string): string => nouns[stream] ?? stream;

/** Whether a stream tells of whole days: what is fresh of it ends with a day, and the present one is none of them. */
export const isByDay = ({ stream }: Pick<StreamStatus, 'stream'>): boolean => noun(stream) === 'days';

const daySeconds = 86_400;

/** The newest day that a stream of days has. */
const lastDay = (freshTo: string): string => {
  const midnight = Math.floor(Date.parse(freshTo) / (daySeconds * 1000)) * daySeconds;
  return new Date((midnight - daySeconds) * 1000).toISOString().slice(0, 10);
};

/** How fresh the copy is, to the minute: `2026-11-22 09:41Z`, of a stream of days the last one of them. */
export const freshCell = (stream: StreamStatus): string => {
  if (stream.freshTo === null) return '–';
  return isByDay(stream) ? lastDay(stream.freshTo) : instant(stream.freshTo);
};

/** How far the copy is behind; of days there is nothing to be behind with before they end. */
export const lagCell = (stream: StreamStatus): string =>
  stream.lagSeconds === null ? '–' : isByDay(stream) ? 'by day' : duration(stream.lagSeconds);

/** The same in short for a line: `fresh to 09:41Z`, `days to 2026-11-21`; empty while nothing is whole. */
export const freshWords = (stream: StreamStatus, nowMs: number): string => {
  if (stream.freshTo === null) return '';
  return isByDay(stream) ? `days to ${lastDay(stream.freshTo)}` : `fresh to ${brief(stream.freshTo, nowMs)}`;
};

/** A word may begin with a capital; an address, a path or the name of a setting stays as it is written. */
const isWord = (text: string): boolean => /^[a-z][a-z’'-]*[,;:]?(\s|$)/.test(text);

const sentence = (text: string): string =>
  (isWord(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text) + (/[.!?]$/.test(text) ? '' : '.');

/** What happens next after a failure, and when. */
export const nextAttempt = (failure: Failure, nowMs: number, parts: 1 | 2 = 2): string => {
  if (failure.nextAttemptAt !== null) return `Next attempt ${until(failure.nextAttemptAt, nowMs, parts)}.`;
  return failure.retryable ? 'Next attempt with the next run.' : 'No next attempt until this is mended.';
};

/** Since when, where it was not the first time. */
const failingFor = ({ since }: Failure, nowMs: number): string =>
  since === undefined ? '' : ` (first ${ago(since, nowMs)})`;

/**
 * A failure in words: what failed (`what`, default the run of its kind), since when, what to do, and what happens next.
 * `nowMs` is in unix milliseconds.
 */
export const failureWords = (failure: Failure, nowMs: number, what = `${failure.kind} run`): string =>
  [
    `${what} failed ${ago(failure.at, nowMs)}${failingFor(failure, nowMs)}: ${sentence(failure.message)}`,
    ...(failure.hint === undefined ? [] : [sentence(failure.hint)]),
    nextAttempt(failure, nowMs),
  ].join(' ');

/** The same for one line that may be cut off: when it failed and what happens next come first. */
export const failureBrief = (failure: Failure, nowMs: number): string => {
  const next = nextAttempt(failure, nowMs, 1).replace(/\.$/, '');
  const hint = failure.hint === undefined ? '' : ` ${sentence(failure.hint)}`;
  return `${failure.kind} run failed ${ago(failure.at, nowMs)}${failingFor(failure, nowMs)}, ${next.charAt(0).toLowerCase()}${next.slice(1)}: ${sentence(failure.message)}${hint}`;
};

/** What each rung of the ladder does about a trouble. */
const rungs: Readonly<Record<Rung, string>> = {
  page: 'asking for the same page again',
  window: 'trying the rest again',
  smaller_page: 'asking for fewer at a time',
  bisect: 'reading around what fails',
  back_24h: 'went back a day to read again',
  back_7d: 'went back seven days to read again',
  full: 'reading everything again',
};

/** What is being done about a trouble, since when, and why. `nowMs` is in unix milliseconds. */
export const ladderWords = ({ rung, reason, since }: LadderStep, nowMs: number): string =>
  `${rungs[rung]} (began ${ago(since, nowMs)}): ${sentence(reason)}`;

/** What a run does with what it counts, where it does not read page after page. */
const deeds: Readonly<Partial<Record<RunKind, string>>> = { audit: ' steps', recheck: ' asked again' };

/** The kind of a run whose numbers mean something of their own; empty of the others. */
export const kindWord = ({ kind }: Pick<Progress, 'kind'>): string => (deeds[kind] === undefined ? '' : kind);

/** `61,000 of 100,000`, `12 of 40 steps`, or what there is before the API has told a total. */
export const doneWords = ({ done, expected, kind }: Progress): string => {
  const deed = deeds[kind] ?? '';
  return expected === null ? `${number(done)}${deed} so far` : `${number(done)} of ${number(expected)}${deed}`;
};

/** `1,250 orders/s`; of an audit, which reads next to none, what it costs: `12 requests`. */
export const speedWords = (stream: string, { kind, perSecond, requests }: Progress): string =>
  kind === 'audit' ? amount(requests, 'request') : `${rate(perSecond)} ${noun(stream)}/s`;

export const percentWords = ({ done, expected }: Progress): string =>
  expected === null ? '' : percent(done, expected);

/** The time left, or `estimating` until it is known. */
export const etaWords = ({ etaSeconds }: Progress): string =>
  etaSeconds === null ? 'estimating' : `${duration(etaSeconds)} left`;

/** `Demo shop: orders`. */
export const streamWords = (
  { shop, stream }: { readonly shop: string; readonly stream: string },
  nameOf: NameOf,
): string => `${nameOf(shop)}: ${stream}`;

/** A line about a run under way: `Demo shop: orders full: 61,000 of 100,000 (61 %), 1,250 orders/s, 31 s left`. */
export const progressWords = (
  at: { readonly shop: string; readonly stream: string },
  progress: Progress,
  nameOf: NameOf,
): string => {
  const share = progress.expected === null ? '' : ` (${percentWords(progress)})`;
  const speed = speedWords(at.stream, progress);
  return `${streamWords(at, nameOf)} ${progress.kind}: ${doneWords(progress)}${share}, ${speed}, ${etaWords(progress)}`;
};

/** The numbers of a run: `100,000 seen, 99,000 inserted, 12 updated`. */
export const runNumbers = (run: Run): string =>
  [
    `${number(run.seen)} seen`,
    `${number(run.inserted)} inserted`,
    `${number(run.updated)} updated`,
    ...(run.rejected > 0 ? [`${number(run.rejected)} set aside`] : []),
    ...((run.localOnly ?? 0) > 0 ? [`${number(run.localOnly ?? 0)} only here`] : []),
    amount(run.requests, 'request'),
  ].join(', ');

/** Every status that `open` names, as far as they are known here. */
const openStatuses = orderStatuses.filter((status) => status !== 'COMPLETED' && status !== 'CANCELLED');

/** The statuses that a partial run has read: `UNPAID, ON_HOLD`, or `open`; undefined of a run that reads all. */
export const statusesWords = ({ statuses }: Pick<Run, 'statuses'>): string | undefined => {
  if (statuses === undefined) return undefined;
  const isOpen = openStatuses.every((status) => statuses.includes(status));
  const hasClosed = statuses.includes('COMPLETED') || statuses.includes('CANCELLED');
  return isOpen && !hasClosed ? 'open' : statuses.join(', ');
};

/** What there is to say of a run beside its numbers: which statuses it read, why it failed, what an audit found. */
export const runNote = (run: Run): string =>
  [statusesWords(run), run.error?.message ?? run.audit?.statement].filter((part) => part !== undefined).join(': ');

/** One plain line about a run: `Demo shop: orders full succeeded after 25 s: 100,000 seen, …`. */
export const runWords = (run: Run, nowMs: number, nameOf: NameOf): string => {
  const only = statusesWords(run);
  const name = `${streamWords(run, nameOf)} ${run.kind}${only === undefined ? '' : ` (${only})`}`;
  if (run.state === 'running') return `${name} running since ${instant(run.startedAt)} (${run.trigger})`;
  const error = run.error === undefined ? '' : `: ${run.error.message}`;
  const told = run.audit === undefined ? runNumbers(run) : `${run.audit.statement}; ${amount(run.requests, 'request')}`;
  return `${name} ${run.state} after ${took(run.startedAt, run.finishedAt, nowMs)}${error}: ${told}`;
};

/** What of the past is stored: `since 2020-01-01`, or what is still missing. */
export const coverageWords = ({ completeSince, missing }: StreamStatus): string => {
  const [gap] = missing;
  if (gap === undefined)
    return completeSince === null ? 'nothing read yet' : `complete since ${completeSince.slice(0, 10)}`;
  const more = missing.length > 1 ? ` and ${missing.length - 1} more` : '';
  return `missing ${instant(gap.from)} to ${instant(gap.to)}${more}`;
};

/** When the next run comes, in `parts` units of time, and why. */
export const nextRunWords = ({ nextRunAt, nextRunReason }: StreamStatus, nowMs: number, parts: 1 | 2 = 2): string => {
  if (nextRunAt === null) return nextRunReason === null ? 'none scheduled' : `none: ${nextRunReason}`;
  return `${until(nextRunAt, nowMs, parts)}${nextRunReason === null ? '' : ` (${nextRunReason})`}`;
};

/** A text in which no line is broken within a cron pattern. */
export const cronTogether = (text: string): string =>
  text.replaceAll(/(?:[\d*/,-]+ ){4}[\d*/,-]+/g, (cron) => cron.replaceAll(' ', noBreak));

/** The budget at the API: `10 of 50 requests/s, 12,345 today`. */
export const apiWords = (api: ApiStatus, nowMs: number): string => {
  const quota = api.dailyQuota === null ? '' : ` of ${number(api.dailyQuota)}`;
  return [
    `${rate(api.requestsPerSecond)} of ${rate(api.ceiling)} requests/s`,
    `${number(api.usedToday)}${quota} today`,
    ...(api.throttledUntil === null ? [] : [throttledWords(api, api.throttledUntil, nowMs)]),
    ...(api.tokenExpiresAt === null ? [] : [tokenWords(api.tokenExpiresAt, nowMs)]),
  ].join(', ');
};

const dayMs = 86_400_000;

/** A quota opens at midnight UTC. What of it history must not use is still there for what is new. */
const throttledWords = ({ dailyQuota, usedToday }: ApiStatus, openAt: string, nowMs: number): string => {
  if (dailyQuota === null || Date.parse(openAt) % dayMs !== 0) return `throttled, goes on ${until(openAt, nowMs)}`;
  const who = usedToday < dailyQuota ? 'history waiting' : 'waiting';
  return `${who} for quota until ${openAt.slice(11, 16)}Z, ${until(openAt, nowMs)}`;
};

const tokenWords = (expiresAt: string, nowMs: number): string =>
  Date.parse(expiresAt) <= nowMs ? 'token expired' : `token expires ${until(expiresAt, nowMs, 1)}`;

/** What a wrong clock of the machine means, its cure where a short line still shows it; null while it is right. */
export const clockWords = ({ clock }: Status): string | null => {
  if (clock.ok || clock.aheadSeconds === null) return null;
  const off = duration(Math.abs(clock.aheadSeconds), 1);
  return clock.aheadSeconds < 0
    ? `this machine’s clock is ${off} behind TikTok’s: timedatectl set-ntp true; orders of the last ${off} are not read until it is set`
    : `this machine’s clock is ${off} ahead of TikTok’s: timedatectl set-ntp true; nothing is lost, the schedule and these times are off until it is set`;
};
