import type { Meaning, Paint } from './theme.ts';
import { cut, fit, width } from './width.ts';

export interface PlainColumn<R> {
  readonly title: string;
  readonly cell: (row: R) => string;
  readonly align?: 'right';
  readonly meaning?: (row: R) => Meaning;
}

/** Rows under their titles, each column as wide as its widest cell. Without rows there are only the titles. */
export const plainTable = <R>(
  columns: readonly PlainColumn<R>[],
  rows: readonly R[],
  paint: Paint,
): readonly string[] => {
  const measured = columns.map((column, at) => ({
    column,
    room: Math.max(width(column.title), ...rows.map((row) => Math.min(60, width(column.cell(row))))),
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
