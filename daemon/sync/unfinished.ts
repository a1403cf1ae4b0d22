import type { Estimate, Run } from '../../shared/views.ts';
import { type Span, gaps } from '../spans.ts';

/** A full run that did not end, and what it has read with those that it went on from. */
export interface Unfinished {
  readonly run: Run;
  readonly ledger: string;
  readonly read: readonly Span[];
  /** Records. */
  readonly seen: number;
}

/** So many gaps are counted each; where there are more, what lies between them is counted with the oldest. */
const mostGaps = 16;

/** What is left of `whole` after a full run that did not end; unix seconds. */
export function leftOf(whole: Span, before: Pick<Unfinished, 'read'> | undefined): readonly Span[] {
  const left = gaps(whole, before?.read ?? []);
  const older = left.slice(0, Math.max(0, left.length - mostGaps + 1));
  const [first, last] = [older[0], older.at(-1)];
  if (first === undefined || last === undefined || first === last) return left;
  return [{ from: first.from, to: last.to }, ...left.slice(older.length)];
}

/** That run as an estimate tells of it. @param left records that it has not read. */
export const goingOn = ({ run, seen }: Unfinished, left: number): NonNullable<Estimate['goesOn']>[number] => ({
  shop: run.shop,
  stream: run.stream,
  runId: run.runId,
  state: run.state,
  at: run.finishedAt ?? run.startedAt,
  done: seen,
  left,
});
