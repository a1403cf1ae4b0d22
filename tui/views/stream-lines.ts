import type { Progress, StreamStatus } from '../../shared/views.ts';
import { ago, bar, duration, number, rate } from '../format.ts';
import { fit, width } from '../width.ts';
import * as words from '../words.ts';
import { type Piece, type ScreenLine, wrapped } from './screen-line.tsx';

/**
 * How much is said of a stream: all that is known, or a line with what failed whole below it, or that line alone.
 */
export type Detail = 'whole' | 'failure' | 'line';

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
  const speed = `${rate(run.perSecond)} ${words.noun(stream.stream)}/s`;
  const numbers = `${words.doneWords(run)}  ${speed}  ${words.etaWords(run)}`;
  // The numbers get their room first, and some more than now, so that the bar does not jump as they grow.
  const room = Math.max(4, Math.min(40, columns - indent - nameRoom - 10 - Math.max(46, width(numbers))));
  return [[`▶ ${bar(share, room)}`, 'busy'], [fit(words.percentWords(run), 6, 'right')], [`  ${numbers}`]];
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

const allFactsOf = (stream: StreamStatus, { nowMs, columns, isSelected }: StreamLook): string =>
  [
    ...factsOf(stream, nowMs),
    ...(stream.run === null ? [] : [`${stream.run.kind} run`]),
    words.coverageWords(stream),
    // What is fresh to a moment is behind by the time since then: said again only where there is room.
    ...((columns < 100 && !isSelected) || words.isByDay(stream) || stream.lagSeconds === null
      ? []
      : [`${duration(stream.lagSeconds, 1)} behind`]),
  ].join(', ');

const idle = (stream: StreamStatus, { nowMs, detail }: StreamLook): readonly Piece[] => {
  const next = `next run ${words.nextRunWords(stream, nowMs, 1)}`;
  const failed = stream.lastError !== null;
  if (detail === 'whole')
    return [
      [failed ? '✕ failed' : '✓ idle', failed ? 'bad' : 'good'],
      [`  ${next}`, 'quiet'],
    ];
  if (stream.lastError !== null && detail === 'line')
    return [[`✕ failed ${ago(stream.lastError.at, nowMs)}: ${stream.lastError.message}`, 'bad']];
  if (stream.ladder !== null && detail === 'line') return [[`↻ ${words.ladderWords(stream.ladder, nowMs)}`, 'waiting']];
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
  const below = (text: string): ScreenLine => [[' '.repeat(before)], [text, 'quiet']];
  const head: ScreenLine = [
    mark(isSelected, indent),
    [fit(stream.stream, nameRoom), isSelected ? 'strong' : 'plain'],
    ...(run === null ? idle(stream, look) : running(stream, run, look)),
  ];
  if (detail === 'line') return [head];
  const failed =
    lastError === null
      ? []
      : wrapped(`✕ ${words.failureBrief(lastError, nowMs)}`, 'bad', indent + 2, columns, isSelected ? 6 : 3);
  const onRung =
    ladder === null ? [] : wrapped(`↻ ${words.ladderWords(ladder, nowMs)}`, 'waiting', indent + 2, columns, 2);
  if (detail === 'failure') return [head, ...failed, ...onRung];
  return [
    head,
    ...failed,
    ...onRung,
    ...wrapped(allFactsOf(stream, look), 'quiet', before, columns, isSelected ? 2 : 1),
    ...(run === null ? [] : [below(`next run ${words.nextRunWords(stream, nowMs, 1)}`)]),
  ];
};
