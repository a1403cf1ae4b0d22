import type { Progress, StreamStatus } from '../../shared/views.ts';
import { auditMeaning, auditedWords, foundDrift, lastAuditOf, leftDrift } from '../audit-words.ts';
import { ago, bar, duration, number } from '../format.ts';
import { fit, width, wrap } from '../width.ts';
import * as words from '../words.ts';
import { type Piece, type ScreenLine, wrapped } from './screen-line.tsx';

/**
 * How much is said of a stream: all that is known; the same without why the next run comes when it does where that is
 * long, and without an audit that found nothing; a line with what failed whole below it; or that line alone.
 */
export type Detail = 'all' | 'whole' | 'failure' | 'line';

export interface StreamLook {
  readonly columns: number;
  readonly nowMs: number;
  /** Cells for the name, the blank behind it included. */
  readonly nameRoom: number;
  /** Cells before the name. */
  readonly indent: number;
  readonly isSelected: boolean;
  readonly detail: Detail;
}

/** What stands before a row: the mark of the selected one. */
export const mark = (isSelected: boolean, indent: number): Piece => [
  isSelected ? fit('❯', indent) : ' '.repeat(indent),
  'busy',
];

/** The bar and the numbers of a run under way. */
const running = (stream: StreamStatus, run: Progress, { columns, nameRoom, indent }: StreamLook): readonly Piece[] => {
  const { done, expected } = run;
  const share = expected === null ? 0 : expected === 0 ? 1 : done / expected;
  const numbers = [words.doneWords(run), words.speedWords(stream.stream, run), words.etaWords(run)].join('  ');
  const kind = words.kindWord(run);
  const label = kind === '' ? '▶ ' : `▶ ${kind} `;
  // The numbers get their room first, and some more than now, so that the bar does not jump as they grow.
  const free = columns - indent - nameRoom - 8 - width(label) - Math.max(46, width(numbers));
  const graph = bar(share, Math.max(4, Math.min(40, free)));
  return [[`${label}${graph}`, 'busy'], [fit(words.percentWords(run), 6, 'right')], [`  ${numbers}`]];
};

/** What is stored, the freshest first: it must not be what is cut off. */
const factsOf = (stream: StreamStatus, nowMs: number): readonly string[] => {
  const fresh = words.freshWords(stream, nowMs);
  return [
    ...(fresh === '' ? [] : [fresh]),
    `${number(stream.total)} stored`,
    ...(stream.rejected > 0 ? [`${number(stream.rejected)} set aside`] : []),
  ];
};

const allFactsOf = (stream: StreamStatus, { nowMs, columns, isSelected, detail }: StreamLook): string => {
  const audit = lastAuditOf(stream);
  return [
    ...factsOf(stream, nowMs),
    ...(stream.run === null ? [] : [`${stream.run.kind} run`]),
    words.coverageWords(stream),
    // What is fresh to a moment is behind by the time since then: said again only where there is room.
    ...((columns < 100 && !isSelected) || words.isByDay(stream) || stream.lagSeconds === null
      ? []
      : [`${duration(stream.lagSeconds, 1)} behind`]),
    // One that found something has a line of its own.
    ...(audit === null || detail !== 'all' || foundDrift(audit) ? [] : [auditedWords(audit, nowMs)]),
  ].join(', ');
};

/** The last audit, where something is to be said of it: what is still not as at TikTok always, what was mended if there is room. */
const drift = (stream: StreamStatus, { nowMs, columns, indent, detail }: StreamLook): readonly ScreenLine[] => {
  const audit = lastAuditOf(stream);
  if (audit === null || !foundDrift(audit) || (detail !== 'all' && !leftDrift(audit))) return [];
  return wrapped(`≠ ${auditedWords(audit, nowMs)}`, auditMeaning(audit), indent + 2, columns, 2);
};

/** When the next run comes, and why, behind `used` cells: in one line, or in several where all is told. */
const nextLines = (
  stream: StreamStatus,
  used: number,
  { columns, nowMs, detail }: StreamLook,
): readonly [string, readonly ScreenLine[]] => {
  const next = `next run ${words.nextRunWords(stream, nowMs, 1)}`;
  if (detail !== 'all') return [next, []];
  const [first = '', ...more] = wrap(words.cronTogether(next), Math.max(20, columns - used));
  return [first, more.map((line): ScreenLine => [[' '.repeat(used)], [line, 'quiet']])];
};

const idle = (stream: StreamStatus, next: string, { nowMs, detail }: StreamLook): readonly Piece[] => {
  const failed = stream.lastError !== null;
  if (detail === 'whole' || detail === 'all')
    return [
      [failed ? '✕ failed' : '✓ idle', failed ? 'bad' : 'good'],
      [`  ${next}`, 'quiet'],
    ];
  if (stream.lastError !== null && detail === 'line')
    return [[`✕ failed ${ago(stream.lastError.at, nowMs)}: ${stream.lastError.message}`, 'bad']];
  if (stream.ladder !== null && detail === 'line') return [[`↻ ${words.ladderWords(stream.ladder, nowMs)}`, 'waiting']];
  const audit = lastAuditOf(stream);
  if (audit !== null && leftDrift(audit) && detail === 'line') return [[`≠ ${auditedWords(audit, nowMs)}`, 'bad']];
  return [
    [failed ? '✕ failed' : '✓ idle', failed ? 'bad' : 'good'],
    [`  ${[...factsOf(stream, nowMs), next].join(', ')}`, 'quiet'],
  ];
};

/** The lines that tell of a stream: how its run goes or when the next one comes, what is stored, and what went wrong. */
export const streamLines = (stream: StreamStatus, look: StreamLook): readonly ScreenLine[] => {
  const { columns, nowMs, nameRoom, indent, isSelected, detail } = look;
  const { run, ladder, lastError } = stream;
  const before = indent + nameRoom;
  const said = width(lastError === null ? '✓ idle  ' : '✕ failed  ');
  const [next, why] = nextLines(stream, before + (run === null ? said : 0), look);
  const head: ScreenLine = [
    mark(isSelected, indent),
    [fit(stream.stream, nameRoom), isSelected ? 'strong' : 'plain'],
    ...(run === null ? idle(stream, next, look) : running(stream, run, look)),
  ];
  if (detail === 'line') return [head];
  const failed =
    lastError === null
      ? []
      : wrapped(`✕ ${words.failureBrief(lastError, nowMs)}`, 'bad', indent + 2, columns, isSelected ? 6 : 3);
  const onRung =
    ladder === null ? [] : wrapped(`↻ ${words.ladderWords(ladder, nowMs)}`, 'waiting', indent + 2, columns, 2);
  const trouble = [...failed, ...onRung, ...drift(stream, look)];
  if (detail === 'failure') return [head, ...trouble];
  const facts = wrapped(allFactsOf(stream, look), 'quiet', before, columns, detail === 'all' ? 3 : 1);
  // While nothing runs, when the next run comes stands in the first line.
  if (run === null) return [head, ...why, ...trouble, ...facts];
  return [head, ...trouble, ...facts, [[' '.repeat(before)], [next, 'quiet']], ...why];
};
