import type { Run } from '../../shared/views.ts';
import { type Column, Table } from '../components/table.tsx';
import { ago, short, took } from '../format.ts';
import { states } from '../words.ts';

const columnsAt = (nowMs: number, room: number): readonly Column<Run>[] => [
  {
    title: 'STATE',
    width: 13,
    rank: 0,
    cell: ({ state }) => `${states[state].symbol} ${state}`,
    meaning: ({ state }) => states[state].meaning,
  },
  { title: 'STREAM', width: 9, rank: 0, cell: (run) => run.stream },
  { title: 'KIND', width: 11, rank: 1, cell: (run) => run.kind },
  { title: 'TRIGGER', width: 8, rank: 3, cell: (run) => run.trigger },
  { title: 'STARTED', width: 10, rank: 0, cell: (run) => ago(run.startedAt, nowMs) },
  { title: 'TOOK', width: 11, rank: 6, align: 'right', cell: (run) => took(run.startedAt, run.finishedAt, nowMs) },
  { title: 'SEEN', width: 7, rank: 2, align: 'right', cell: (run, width) => short(run.seen, width) },
  { title: 'NEW', width: 7, rank: 2, align: 'right', cell: (run, width) => short(run.inserted, width) },
  { title: 'CHANGED', width: 7, rank: 2, align: 'right', cell: (run, width) => short(run.updated, width) },
  {
    title: 'ERROR',
    width: Math.max(16, room - 93),
    rank: 7,
    cell: ({ error }) => error?.message ?? '',
    meaning: () => 'bad',
  },
];

interface Props {
  readonly runs: readonly Run[];
  readonly columns: number;
  readonly nowMs: number;
}

const hasErrorColumn = (columns: number): boolean => columns >= 109;

/** As many of the newest runs as fit into `rows` lines; where there is no column for an error, it takes a line. */
export const runsFitting = (runs: readonly Run[], columns: number, rows: number): readonly Run[] => {
  let used = 0;
  return runs.filter(({ error }) => {
    used += error === undefined || hasErrorColumn(columns) ? 1 : 2;
    return used <= rows;
  });
};

/** The last runs, newest first. */
export function Runs({ runs, columns, nowMs }: Props) {
  return (
    <Table
      columns={columnsAt(nowMs, columns)}
      rows={runs}
      room={columns}
      id={({ runId }) => runId}
      {...(!hasErrorColumn(columns) && { note: ({ error }: Run) => error?.message })}
    />
  );
}
