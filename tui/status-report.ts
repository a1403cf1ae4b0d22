import type { Status, StreamStatus } from '../shared/views.ts';
import { bar, bytes, duration, instant, number, rate } from './format.ts';
import { type PlainColumn, plainTable } from './plain-table.ts';
import type { Paint } from './theme.ts';
import { fit } from './width.ts';
import * as words from './words.ts';

const label = (name: string): string => `  ${fit(name, 11)}`;

const runLine = (stream: StreamStatus, paint: Paint): readonly string[] => {
  const { run } = stream;
  if (run === null) return [];
  const share = run.expected === null || run.expected === 0 ? 0 : run.done / run.expected;
  const numbers = [
    words.doneWords(run),
    `${rate(run.perSecond)} ${words.noun(stream.stream)}/s`,
    `${number(run.requests)} requests`,
    words.etaWords(run),
  ];
  const graph = run.expected === null ? '' : `${bar(share, 20)} ${words.percentWords(run)}  `;
  return [`${label('run')}${run.kind}  ${paint('busy', graph)}${numbers.join(', ')}`];
};

const detail = (stream: StreamStatus, nowMs: number, paint: Paint): readonly string[] => {
  const { lastError, missing, rejected, byStatus, ladder } = stream;
  const odd = Object.entries(stream.oddities).map(([what, times]) => `${what} ${number(times)}`);
  const groups = Object.entries(byStatus ?? {}).map(([status, count]) => `${status} ${number(count)}`);
  return [
    ...runLine(stream, paint),
    ...(missing.length === 0 ? [] : [`${label('missing')}${words.coverageWords(stream).replace(/^missing /, '')}`]),
    `${label('next run')}${words.nextRunWords(stream, nowMs)}`,
    ...(groups.length === 0 ? [] : [`${label('status')}${groups.join(', ')}`]),
    ...(odd.length === 0 ? [] : [`${label('odd')}${odd.join(', ')}`]),
    ...(rejected === 0 ? [] : [`${label('set aside')}${number(rejected)} records that could not be stored`]),
    ...(ladder === null ? [] : [`${label('ladder')}${paint('waiting', words.ladderWords(ladder, nowMs))}`]),
    ...(lastError === null ? [] : [`${label('error')}${paint('bad', words.failureWords(lastError, nowMs))}`]),
  ];
};

const columns = (status: Status): readonly PlainColumn<StreamStatus>[] => [
  { title: 'SHOP', cell: ({ shop }) => status.shops.find(({ id }) => id === shop)?.name ?? shop },
  { title: 'STREAM', cell: ({ stream }) => stream, meaning: () => 'strong' },
  { title: 'TOTAL', cell: ({ total }) => number(total), align: 'right' },
  { title: 'FRESH TO', cell: ({ freshTo }) => (freshTo === null ? '–' : instant(freshTo)) },
  { title: 'LAG', cell: ({ lagSeconds }) => (lagSeconds === null ? '–' : duration(lagSeconds)) },
  { title: 'COMPLETE SINCE', cell: ({ completeSince }) => completeSince?.slice(0, 10) ?? 'not yet' },
  { title: 'LAST SYNC', cell: ({ lastSyncTime }) => (lastSyncTime === null ? 'never' : instant(lastSyncTime)) },
];

/** What `shopsync status` prints for people. `socket` is how the daemon was reached, `nowMs` unix milliseconds. */
export const statusReport = (status: Status, socket: string, nowMs: number, paint: Paint): readonly string[] => {
  const { streams, shops, api, store } = status;
  const up = duration((nowMs - Date.parse(status.startedAt)) / 1000);
  const [titles = '', ...rows] = plainTable(columns(status), streams, paint);
  const clock = words.clockWords(status);
  const name = (id: string): string => shops.find((shop) => shop.id === id)?.name ?? id;
  return [
    `${paint('good', '● connected')}  shopsyncd ${status.version}, pid ${status.pid}, up ${up}, at ${socket}`,
    `store  ${store.path}, ${bytes(store.bytes)}`,
    ...(status.paused === null
      ? []
      : [
          `paused ${paint('waiting', `since ${instant(status.paused.since)}: nothing starts by itself; to go on: shopsync resume`)}`,
        ]),
    ...(clock === null ? [] : [`clock  ${paint('bad', clock)}`]),
    ...api.map((budget) => `api    ${name(budget.shop)}: ${words.apiWords(budget, nowMs)}`),
    '',
    ...(status.problem === null ? [] : [paint('bad', `shops  ${words.failureWords(status.problem, nowMs)}`), '']),
    ...(streams.length === 0 ? ['No shop is known yet.'] : [titles]),
    ...streams.flatMap((stream, at) => [rows[at] ?? '', ...detail(stream, nowMs, paint)]),
  ];
};
