import type { Run } from '../../shared/run-views.ts';
import type { Estimate } from '../../shared/views.ts';
import type { Span } from '../spans.ts';

/** A full run that did not end, and what it has read with those that it went on from. */
export interface Unfinished {
  readonly run: Run;
  readonly ledger: string;
  readonly read: readonly Span[];
  /** Records. */
  readonly seen: number;
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
