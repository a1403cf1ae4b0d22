import type { Status } from '../../shared/views.ts';
import { type Place, type ShopStreams, byShop, covers, isSame } from '../place.ts';
import { shopNames } from '../shop-names.ts';
import { width } from '../width.ts';
import type { ScreenLine } from './screen-line.tsx';
import { shopLine } from './shop-lines.ts';
import { type Detail, streamLines } from './stream-lines.ts';

/** Something that can be selected, with the lines that tell of it. */
export interface Row {
  readonly place: Place;
  readonly lines: readonly ScreenLine[];
  readonly isFailing: boolean;
}

export interface OutlineOptions {
  readonly columns: number;
  readonly nowMs: number;
  readonly selected: Place | null;
}

/** The widest that a name of a shop gets, in cells. */
const widestName = 28;

const longest = (names: readonly string[]): number => Math.max(0, ...names.map(width));

/** Makes the rows for the streams of all shops, more or less of them. */
export class Outline {
  readonly groups: readonly ShopStreams[];
  readonly #status: Status;
  readonly #options: OutlineOptions;

  constructor(status: Status, options: OutlineOptions) {
    this.#status = status;
    this.#options = options;
    this.groups = byShop(status);
  }

  /** `open`: the shops whose streams are listed; the others have a line that sums them up. */
  rows(detail: Detail, open: ReadonlySet<string> = new Set(this.groups.map(({ shop }) => shop))): readonly Row[] {
    return this.groups.flatMap((group) => [
      ...(this.groups.length < 2 ? [] : [this.#shop(group, open.has(group.shop))]),
      ...(open.has(group.shop) ? this.#streams(group, detail) : []),
    ]);
  }

  /** The shops by the need to be looked at: the selected one, those with a failure, the others. */
  get byNeed(): readonly string[] {
    const need = ({ shop, streams }: ShopStreams): number =>
      shop === this.#options.selected?.shop ? 0 : streams.some(({ lastError }) => lastError !== null) ? 1 : 2;
    return this.groups.toSorted((a, b) => need(a) - need(b)).map(({ shop }) => shop);
  }

  #shop({ shop, streams }: ShopStreams, isOpen: boolean): Row {
    const { nowMs, selected } = this.#options;
    const nameOf = shopNames(this.#status.shops);
    const place = { shop, stream: null };
    const nameRoom = Math.min(widestName, longest(this.groups.map((group) => nameOf(group.shop)))) + 2;
    const look = { nowMs, name: nameOf(shop), nameRoom, isSelected: isSame(selected, place), isOpen };
    const api = this.#status.api.find((one) => one.shop === shop);
    const isFailing = !isOpen && streams.some(({ lastError }) => lastError !== null);
    return { place, lines: [shopLine(streams, api, look)], isFailing };
  }

  #streams({ streams }: ShopStreams, detail: Detail): readonly Row[] {
    const { selected, columns, nowMs } = this.#options;
    const nameRoom = Math.max(11, longest(this.#status.streams.map(({ stream }) => stream)) + 2);
    const indent = this.groups.length < 2 ? 2 : 4;
    return streams.map((stream) => {
      const isSelected = selected?.stream === stream.stream && covers(selected, stream);
      const look = { columns, nowMs, nameRoom, indent, isSelected, detail: isSelected ? 'all' : detail } as const;
      return {
        place: { shop: stream.shop, stream: stream.stream },
        lines: streamLines(stream, look),
        isFailing: stream.lastError !== null,
      };
    });
  }
}

export const height = (rows: readonly Row[]): number => rows.reduce((sum, { lines }) => sum + lines.length, 0);

const hiddenLine = (arrow: string, rows: readonly Row[]): readonly ScreenLine[] => {
  if (rows.length === 0) return [];
  const failing = rows.filter(({ isFailing }) => isFailing).length;
  return [
    [[`  ${arrow} ${rows.length} more`, 'quiet'], ...(failing === 0 ? [] : [[`, ${failing} failed`, 'bad'] as const])],
  ];
};

/** The lines of rows in at most `room` of them, around the selected row; what is left out is counted. */
export const linesWithin = (rows: readonly Row[], selected: Place | null, room: number): readonly ScreenLine[] => {
  if (height(rows) <= room) return rows.flatMap(({ lines }) => lines);
  const at = Math.max(
    0,
    rows.findIndex(({ place }) => isSame(place, selected)),
  );
  for (let from = 0; from <= at; from++) {
    const left = room - (from === 0 ? 0 : 1);
    let to = from;
    while (to < rows.length && height(rows.slice(from, to + 1)) + (to + 1 < rows.length ? 1 : 0) <= left) to++;
    if (to > at || from === at) {
      const shown = rows.slice(from, Math.max(to, from + 1)).flatMap(({ lines }) => lines);
      const after = hiddenLine('↓', rows.slice(Math.max(to, from + 1)));
      return [...hiddenLine('↑', rows.slice(0, from)), ...shown.slice(0, Math.max(1, left - after.length)), ...after];
    }
  }
  return [];
};
