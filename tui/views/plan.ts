import type { Place } from '../place.ts';
import { type Count, type CountLook, countRows } from './counts.tsx';
import { type Outline, type Row, height, linesWithin } from './outline.ts';
import type { ScreenLine } from './screen-line.tsx';

export interface Plan {
  /** What is said of the streams. */
  readonly lines: readonly ScreenLine[];
  /** Empty lines between the parts. */
  readonly gap: number;
  readonly look: CountLook;
  /** The lines for runs below their titles; 0 leaves that part out. */
  readonly runRows: number;
}

const leastRuns = 3;
/** Of the runs so many stay before more is said of the streams than has to be. */
const usualRuns = 6;
const titles = { streams: 1, counts: 1, runs: 2 };

/** The selected shop with its streams, and as many others as fit into `room` lines, those with a failure first. */
const opened = (outline: Outline, selected: Place | null, room: number): readonly Row[] => {
  let open: ReadonlySet<string> = new Set(outline.groups.length < 2 ? outline.byNeed : selected ? [selected.shop] : []);
  for (const shop of outline.byNeed) {
    const more = new Set([...open, shop]);
    if (height(outline.rows('line', more)) > room) break;
    open = more;
  }
  return outline.rows('line', open);
};

/** What is shown, and how large, in a body of `rows` lines. The streams matter most, then the runs. */
export const planDashboard = (
  outline: Outline,
  selected: Place | null,
  counts: readonly Count[],
  columns: number,
  rows: number,
): Plan => {
  const gap = rows >= 30 ? 1 : 0;
  const room = rows - 3 * gap - titles.streams - titles.counts;
  const looks: readonly CountLook[] = rows >= 26 + counts.length ? ['bars', 'grid', 'line'] : ['grid', 'line'];
  const planned = (lines: readonly ScreenLine[], look: CountLook): Plan => {
    const left = room - countRows(counts, columns, look) - Math.max(1, lines.length) - titles.runs;
    return { lines, gap, look, runRows: Math.max(0, left) };
  };
  const lookBeside = (streams: readonly Row[], runs: number): CountLook | undefined => {
    const need = Math.max(1, height(streams)) + titles.runs + runs;
    return looks.find((tried) => need + countRows(counts, columns, tried) <= room);
  };
  const linesOf = (streams: readonly Row[]): readonly ScreenLine[] => streams.flatMap((row) => row.lines);
  for (const detail of ['whole', 'failure', 'line'] as const) {
    const streams = outline.rows(detail);
    const look = lookBeside(streams, leastRuns);
    if (look === undefined) continue;
    // More is said of the streams as long as the counts do not have to shrink for it.
    const more = detail === 'whole' ? outline.rows('all') : streams;
    return planned(linesOf(lookBeside(more, usualRuns) === look ? more : streams), look);
  }
  const free = room - 1 - titles.runs - leastRuns;
  const some = opened(outline, selected, free);
  const lines = some.flatMap((row) => row.lines);
  const fits = looks.find((tried) => lines.length + countRows(counts, columns, tried) <= free + 1);
  if (fits !== undefined) return planned(lines, fits);
  // In a small terminal the runs give way to the streams, in a large one a few of them stay.
  const most = rows >= 18 ? room - 1 - titles.runs - 1 : room - 1;
  return planned(linesWithin(some, selected, Math.max(1, most)), 'line');
};
