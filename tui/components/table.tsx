import { Box } from 'ink';

import type { Meaning } from '../theme.ts';
import { fit } from '../width.ts';
import { Line, Say } from './say.tsx';

export interface Column<R> {
  readonly title: string;
  /** In cells. */
  readonly width: number;
  /** When there is too little room, columns with the highest rank go first. */
  readonly rank: number;
  readonly cell: (row: R, width: number) => string;
  readonly align?: 'right';
  readonly meaning?: (row: R) => Meaning;
}

/** The columns that fit side by side, one blank between them, the less important left out. */
export const fitting = <R,>(columns: readonly Column<R>[], room: number): readonly Column<R>[] => {
  const taken = columns.reduce((sum, { width }) => sum + width + 1, -1);
  if (taken <= room || columns.length <= 1) return columns;
  const worst = Math.max(...columns.map(({ rank }) => rank));
  return fitting(
    columns.filter(({ rank }) => rank !== worst),
    room,
  );
};

interface Props<R> {
  readonly columns: readonly Column<R>[];
  readonly rows: readonly R[];
  readonly room: number;
  readonly id: (row: R) => string;
  /** A line below a row, for what has no column here. */
  readonly note?: (row: R) => string | undefined;
}

function Note({ text }: { readonly text: string | undefined }) {
  if (text === undefined) return null;
  return (
    <Line>
      <Say is="quiet"> └ </Say>
      <Say is="bad">{text}</Say>
    </Line>
  );
}

/** Rows under their titles. */
export function Table<R>({ columns, rows, room, id, note }: Props<R>) {
  const shown = fitting(columns, room);
  return (
    <Box flexDirection="column" flexShrink={0}>
      <Line>
        <Say is="quiet">{shown.map(({ title, width, align }) => fit(title, width, align)).join(' ')}</Say>
      </Line>
      {rows.map((row) => (
        <Box key={id(row)} flexDirection="column" flexShrink={0}>
          <Line>
            {shown.map(({ title, width, align, cell, meaning }, at) => (
              <Say key={title} is={meaning?.(row) ?? 'plain'}>
                {(at === 0 ? '' : ' ') + fit(cell(row, width), width, align)}
              </Say>
            ))}
          </Line>
          <Note text={note?.(row)} />
        </Box>
      ))}
    </Box>
  );
}
