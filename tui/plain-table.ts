import type { Meaning, Paint } from './theme.ts';
import { cut, fit, width } from './width.ts';

export interface PlainColumn<R> {
  readonly title: string;
  readonly cell: (row: R) => string;
  readonly align?: 'right';
  /** Never cut off, however long. */
  readonly whole?: true;
  readonly meaning?: (row: R) => Meaning;
}

/** The most that a cell gets of a line, so that one long text does not push the rest away. */
const most = 60;

const roomOf = <R>(column: PlainColumn<R>, row: R): number => {
  const room = width(column.cell(row));
  return column.whole === true ? room : Math.min(most, room);
};

/** Rows under their titles, each column as wide as its widest cell. Without rows there are only the titles. */
export const plainTable = <R>(
  columns: readonly PlainColumn<R>[],
  rows: readonly R[],
  paint: Paint,
): readonly string[] => {
  const measured = columns.map((column, at) => ({
    column,
    room: Math.max(width(column.title), ...rows.map((row) => roomOf(column, row))),
    last: at === columns.length - 1,
  }));
  const line = (cells: readonly string[]): string => cells.join('  ').trimEnd();
  const size = (text: string, { column, room, last }: (typeof measured)[number]): string =>
    last && column.align === undefined ? cut(text, room) : fit(text, room, column.align);
  return [
    paint('quiet', line(measured.map((part) => size(part.column.title, part)))),
    ...rows.map((row) =>
      line(measured.map((part) => paint(part.column.meaning?.(row) ?? 'plain', size(part.column.cell(row), part)))),
    ),
  ];
};
