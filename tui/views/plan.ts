import type { StreamStatus } from '../../shared/views.ts';
import { type Count, type CountLook, countRows } from './counts.tsx';
import { streamRows } from './streams.tsx';

interface StreamPlan {
  readonly shown: readonly StreamStatus[];
  /** With all their lines, or only the first. */
  readonly tall: boolean;
  /** How many there is no room for. */
  readonly hidden: number;
}

export interface Plan extends StreamPlan {
  /** Empty lines between the parts. */
  readonly gap: number;
  readonly look: CountLook;
  /** The lines for runs below their titles; 0 leaves that part out. */
  readonly runRows: number;
}

const need = (streams: readonly StreamStatus[], tall: boolean): number =>
  streams.reduce((sum, stream) => sum + streamRows(stream, tall), 0);

/** How the streams are shown in at most `rows` lines: whole, else with their first line, else the first of them. */
const planStreams = (streams: readonly StreamStatus[], rows: number): StreamPlan => {
  for (const tall of [true, false]) {
    if (need(streams, tall) <= rows) return { shown: streams, tall, hidden: 0 };
  }
  let used = 1;
  const shown = streams.filter((stream) => (used += streamRows(stream, false)) <= rows);
  return { shown, tall: false, hidden: streams.length - shown.length };
};

const leastRuns = 3;
const titles = { streams: 1, counts: 1, runs: 2 };

/** What is shown, and how large, in a body of `rows` lines. The streams matter most, then the runs. */
export const planDashboard = (
  streams: readonly StreamStatus[],
  counts: readonly Count[],
  columns: number,
  rows: number,
): Plan => {
  const gap = rows >= 30 ? 1 : 0;
  const room = rows - 3 * gap - titles.streams - titles.counts - titles.runs;
  const looks: readonly CountLook[] = rows >= 26 + counts.length ? ['bars', 'grid', 'line'] : ['grid', 'line'];
  const look =
    looks.find((tried) => need(streams, false) + countRows(counts, columns, tried) + leastRuns <= room) ?? 'line';
  const free = room - countRows(counts, columns, look);
  const plans = Array.from({ length: leastRuns }, (_, less) => planStreams(streams, free - leastRuns + less));
  const plan = plans.find(({ hidden }) => hidden === 0) ?? planStreams(streams, free - leastRuns);
  const used = need(plan.shown, plan.tall) + (plan.hidden > 0 || streams.length === 0 ? 1 : 0);
  return { ...plan, gap, look, runRows: Math.max(0, free - used) };
};
