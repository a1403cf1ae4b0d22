import type { Status, StreamStatus } from '../shared/views.ts';
import { auditMeaning, lastAuditOf, lastAuditWords } from './audit-words.ts';
import { amount, bar, bytes, duration, instant, number } from './format.ts';
import { byShop, placeWords } from './place.ts';
import { type PlainColumn, plainTable } from './plain-table.ts';
import { shopNames } from './shop-names.ts';
import type { Meaning, Paint } from './theme.ts';
import { fit, noBreak, width, wrap } from './width.ts';
import * as words from './words.ts';

/** Something that is told of a stream or a daemon: `next run   in 4 min`. */
interface Fact {
  readonly label: string;
  readonly text: string;
  readonly meaning?: Meaning;
}

interface Look {
  readonly paint: Paint;
  /** Cells of a line; Infinity where nobody counts them. */
  readonly columns: number;
  readonly nowMs: number;
}

/** Below this many cells labels take too much of a line to have a column. */
const narrow = 60;

/** Facts one below the other, behind `indent` cells and with `room` cells for their labels, wrapped. */
const factLines = (facts: readonly Fact[], indent: number, room: number, { paint, columns }: Look): readonly string[] =>
  facts.flatMap(({ label, text, meaning = 'plain' }) => {
    const blank = ' '.repeat(indent);
    if (columns < narrow)
      return wrap(`${label.replaceAll(' ', noBreak)}: ${text}`, columns - indent - 2).map(
        (line, at) => `${blank}${at === 0 ? '' : '  '}${paint(meaning, line)}`,
      );
    return wrap(text, columns - indent - room).map(
      (line, at) => `${blank}${fit(at === 0 ? label : '', room)}${paint(meaning, line)}`,
    );
  });

const runWords = (stream: StreamStatus): readonly Fact[] => {
  const { run } = stream;
  if (run === null) return [];
  const share = run.expected === null || run.expected === 0 ? 0 : run.done / run.expected;
  const numbers = [
    words.doneWords(run),
    ...new Set([words.speedWords(stream.stream, run), amount(run.requests, 'request')]),
    words.etaWords(run),
  ];
  const graph = run.expected === null ? '' : `${bar(share, 20)} ${words.percentWords(run)}  `;
  return [{ label: 'run', text: `${run.kind}  ${graph}${numbers.join(', ')}`, meaning: 'busy' }];
};

const detail = (stream: StreamStatus, nowMs: number): readonly Fact[] => {
  const { lastError, missing, rejected, byStatus, ladder } = stream;
  const audit = lastAuditOf(stream);
  const odd = Object.entries(stream.oddities).map(([what, times]) => `${what}${noBreak}${number(times)}`);
  const groups = Object.entries(byStatus ?? {}).map(([status, count]) => `${status}${noBreak}${number(count)}`);
  const facts: readonly (Fact | false)[] = [
    ...runWords(stream),
    missing.length > 0 && { label: 'missing', text: words.coverageWords(stream).replace(/^missing /, '') },
    { label: 'next run', text: words.cronTogether(words.nextRunWords(stream, nowMs)) },
    groups.length > 0 && { label: 'status', text: groups.join(', ') },
    audit !== null && { label: 'audit', text: lastAuditWords(audit, nowMs), meaning: auditMeaning(audit) },
    odd.length > 0 && { label: 'odd', text: odd.join(', ') },
    rejected > 0 && { label: 'set aside', text: `${number(rejected)} records that could not be stored` },
    ladder !== null && { label: 'ladder', text: words.ladderWords(ladder, nowMs), meaning: 'waiting' },
    lastError !== null && { label: 'error', text: words.failureWords(lastError, nowMs), meaning: 'bad' },
  ];
  return facts.filter((fact) => fact !== false);
};

const title: PlainColumn<StreamStatus> = {
  title: 'STREAM',
  cell: ({ stream }) => stream,
  meaning: ({ lastError }) => (lastError === null ? 'strong' : 'bad'),
};

/** Beside its name, the most important first; in a narrow terminal the last ones become lines of their own. */
const columns: readonly PlainColumn<StreamStatus>[] = [
  { title: 'TOTAL', cell: ({ total }) => number(total), align: 'right' },
  { title: 'FRESH TO', cell: words.freshCell },
  { title: 'LAG', cell: words.lagCell },
  { title: 'COMPLETE SINCE', cell: ({ completeSince }) => completeSince?.slice(0, 10) ?? 'not yet' },
  { title: 'LAST SYNC', cell: ({ lastSyncTime }) => (lastSyncTime === null ? 'never' : instant(lastSyncTime)) },
];

const plain: Paint = (_, text) => text;

/** As many of the columns as fit over all streams. */
const fitting = (streams: readonly StreamStatus[], room: number): number => {
  const widthOf = (many: number): number =>
    Math.max(...plainTable([title, ...columns.slice(0, many)], streams, plain).map(width));
  let many = columns.length;
  while (many > 0 && widthOf(many) > room) many--;
  return many;
};

const streamsReport = (status: Status, look: Look): readonly string[] => {
  const { paint, nowMs } = look;
  const nameOf = shopNames(status.shops);
  const many = fitting(status.streams, look.columns);
  const table = plainTable([title, ...columns.slice(0, many)], status.streams, paint);
  const rows = new Map(status.streams.map((stream, at) => [stream, table[at + 1] ?? '']));
  return byShop(status).flatMap(({ shop, streams }) => {
    const region = status.shops.find(({ id }) => id === shop)?.region;
    const api = status.api.filter((budget) => budget.shop === shop);
    const heading = `shop ${shop}${region === undefined ? '' : `, ${region}`}`;
    return [
      '',
      ...wrap(`${nameOf(shop)}  ${heading}`, look.columns).map((line) => paint('strong', line)),
      ...factLines(
        api.map((budget) => ({ label: 'api', text: words.apiWords(budget, nowMs) })),
        0,
        5,
        look,
      ),
      table[0] ?? '',
      ...streams.flatMap((stream) => [
        rows.get(stream) ?? '',
        ...factLines(
          [
            ...columns.slice(many).map((column) => ({ label: column.title.toLowerCase(), text: column.cell(stream) })),
            ...detail(stream, nowMs),
          ],
          2,
          many === columns.length ? 11 : 16,
          look,
        ),
      ]),
    ];
  });
};

/** Which streams failed, where there are so many that one is overlooked. */
const failedFacts = (status: Status): readonly Fact[] => {
  const failed = status.streams.filter(({ lastError }) => lastError !== null);
  if (failed.length === 0 || status.streams.length < 2) return [];
  const names = failed.map((stream) => placeWords(status, stream)).join(', ');
  return [{ label: 'failed', text: `${failed.length} of ${status.streams.length} streams: ${names}`, meaning: 'bad' }];
};

/**
 * What `shopsync status` prints for people. `socket` is how the daemon was reached, `nowMs` unix milliseconds, `columns`
 * how many cells a line may have, if that matters.
 */
export const statusReport = (
  status: Status,
  socket: string,
  nowMs: number,
  paint: Paint,
  columns = Number.POSITIVE_INFINITY,
): readonly string[] => {
  const { streams, store, problem, paused } = status;
  const up = duration((nowMs - Date.parse(status.startedAt)) / 1000);
  const clock = words.clockWords(status);
  const look = { paint, columns, nowMs };
  const pausedWords = (since: string): string =>
    `since ${instant(since)}: nothing starts by itself; to go on: shopsync resume`;
  const facts: readonly (Fact | false)[] = [
    { label: 'store', text: `${store.path}, ${bytes(store.bytes)}` },
    paused !== null && { label: 'paused', text: pausedWords(paused.since), meaning: 'waiting' },
    clock !== null && { label: 'clock', text: clock, meaning: 'bad' },
    problem !== null && { label: 'shops', text: words.failureWords(problem, nowMs, 'reading them'), meaning: 'bad' },
    ...failedFacts(status),
  ];
  const [head = '', ...more] = wrap(
    `● connected  shopsyncd ${status.version}, pid ${status.pid}, up ${up}, at ${socket}`,
    columns,
  );
  return [
    head.replace('● connected', paint('good', '● connected')),
    ...more,
    ...factLines(
      facts.filter((fact) => fact !== false),
      0,
      7,
      look,
    ),
    ...(streams.length === 0 ? ['', 'No shop is known yet.'] : streamsReport(status, look)),
  ];
};
