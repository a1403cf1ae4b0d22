import type { Run } from '../../shared/run-views.ts';
import { auditMeaning, withoutMoment } from '../audit-words.ts';
import { type Column, Table } from '../components/table.tsx';
import { ago, short, took } from '../format.ts';
import type { NameOf } from '../shop-names.ts';
import type { Meaning } from '../theme.ts';
import { cutMiddle, width } from '../width.ts';
import { runNote, states } from '../words.ts';

/** As wide as its widest cell, within bounds. */
const roomFor = (cells: readonly string[], least: number, most: number): number =>
  Math.min(most, Math.max(least, ...cells.map(width)));

const shopColumn = (runs: readonly Run[], nameOf: NameOf, room: number): Column<Run> => ({
  title: 'SHOP',
  width: roomFor(
    runs.map((run) => nameOf(run.shop)),
    4,
    room < 100 ? 12 : 24,
  ),
  rank: 0,
  cell: (run, cells) => cutMiddle(nameOf(run.shop), cells),
});

const baseColumns = ({ runs, nowMs, columns, nameOf }: Props): readonly Column<Run>[] => [
  {
    title: 'STATE',
    width: 13,
    rank: 0,
    cell: ({ state }) => `${states[state].symbol} ${state}`,
    meaning: ({ state }) => states[state].meaning,
  },
  ...(nameOf === undefined ? [] : [shopColumn(runs, nameOf, columns)]),
  {
    title: 'STREAM',
    width: roomFor(
      runs.map((run) => run.stream),
      9,
      13,
    ),
    rank: 0,
    cell: (run) => run.stream,
  },
  { title: 'KIND', width: 11, rank: 1, cell: (run) => run.kind },
  { title: 'TRIGGER', width: 8, rank: 4, cell: (run) => run.trigger },
  { title: 'STARTED', width: 10, rank: 0, cell: (run) => ago(run.startedAt, nowMs) },
  { title: 'TOOK', width: 11, rank: 6, align: 'right', cell: (run) => took(run.startedAt, run.finishedAt, nowMs) },
  { title: 'SEEN', width: 7, rank: 2, align: 'right', cell: (run, width) => short(run.seen, width) },
  { title: 'NEW', width: 7, rank: 3, align: 'right', cell: (run, width) => short(run.inserted, width) },
  { title: 'CHANGED', width: 7, rank: 5, align: 'right', cell: (run, width) => short(run.updated, width) },
];

interface Props {
  readonly runs: readonly Run[];
  readonly columns: number;
  readonly nowMs: number;
  /** Undefined where there is only one shop: it need not be told. */
  readonly nameOf: NameOf | undefined;
}

const leastForNotes = 16;

/** What is left beside all other columns for what else there is to say, in cells. */
const roomForNotes = (props: Props): number =>
  baseColumns(props).reduce((room, { width: taken }) => room - taken - 1, props.columns);

/** When an audit looked stands in its statement and in the line already. */
const noteCell = (run: Run): string => withoutMoment(runNote(run));

const noteMeaning = ({ error, audit }: Run): Meaning =>
  error !== undefined ? 'bad' : audit !== undefined ? auditMeaning(audit) : 'quiet';

const columnsAt = (props: Props): readonly Column<Run>[] => {
  const room = roomForNotes(props);
  if (room < leastForNotes) return baseColumns(props);
  return [...baseColumns(props), { title: 'NOTE', width: room, rank: 7, cell: noteCell, meaning: noteMeaning }];
};

/** As many of the newest runs as fit into `rows` lines; where there is no column for an error, it takes a line. */
export const runsFitting = (props: Props, rows: number): readonly Run[] => {
  let used = 0;
  const hasNotes = roomForNotes(props) >= leastForNotes;
  return props.runs.filter(({ error }) => {
    used += error === undefined || hasNotes ? 1 : 2;
    return used <= rows;
  });
};

/** The last runs, newest first. */
export function Runs(props: Props) {
  const { runs, columns } = props;
  return (
    <Table
      columns={columnsAt(props)}
      rows={runs}
      room={columns}
      id={({ runId }) => runId}
      {...(roomForNotes(props) < leastForNotes && { note: ({ error }: Run) => error?.message })}
    />
  );
}
