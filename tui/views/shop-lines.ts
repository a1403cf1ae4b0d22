import type { ApiStatus, StreamStatus } from '../../shared/views.ts';
import { cutMiddle, fit } from '../width.ts';
import * as words from '../words.ts';
import type { Piece, ScreenLine } from './screen-line.tsx';
import { mark } from './stream-lines.ts';

export interface ShopLook {
  readonly nowMs: number;
  readonly name: string;
  /** Cells for the name, the blanks behind it included. */
  readonly nameRoom: number;
  readonly isSelected: boolean;
  /** Whether its streams follow. Else the line tells how they are. */
  readonly isOpen: boolean;
}

const runningWords = ({ stream, run }: StreamStatus): string =>
  run === null ? '' : `▶ ${[stream, words.kindWord(run), words.percentWords(run)].filter(Boolean).join(' ')}`;

/** How the streams of a shop are, what went wrong first. */
const summary = (streams: readonly StreamStatus[]): readonly Piece[] => {
  const failed = streams.filter(({ lastError }) => lastError !== null);
  const busy = streams.filter(({ run, lastError }) => run !== null && lastError === null);
  const idle = streams.length - failed.length - busy.length;
  const pieces: readonly Piece[] = [
    ...(failed.length === 0 ? [] : [[`✕ ${failed.map(({ stream }) => stream).join(', ')} failed`, 'bad'] as const]),
    ...(busy.length === 0 ? [] : [[busy.map(runningWords).join(', '), 'busy'] as const]),
    ...(idle === 0 ? [] : [[`✓ ${idle} idle`, 'good'] as const]),
  ];
  return pieces.flatMap((piece, at) => (at === 0 ? [piece] : [['  '], piece]));
};

/** The line of a shop among others: its name, and either what is left of its budget at the API, or how its streams are. */
export const shopLine = (
  streams: readonly StreamStatus[],
  api: ApiStatus | undefined,
  { nowMs, name, nameRoom, isSelected, isOpen }: ShopLook,
): ScreenLine => {
  const isThrottled = api !== undefined && api.throttledUntil !== null;
  const budget: readonly Piece[] =
    api === undefined ? [] : [[words.apiWords(api, nowMs), isThrottled ? 'waiting' : 'quiet']];
  return [
    mark(isSelected, 2),
    [fit(cutMiddle(name, nameRoom - 2), nameRoom), 'strong'],
    ...(isOpen ? budget : [...summary(streams), ...(isThrottled ? [['  '] as const, ...budget] : [])]),
  ];
};
