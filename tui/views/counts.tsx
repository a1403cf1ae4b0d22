import { orderStatuses } from '../../shared/order-statuses.ts';
import type { Status } from '../../shared/views.ts';
import { Line, Say } from '../components/say.tsx';
import { bar, number, percent } from '../format.ts';
import type { Place } from '../place.ts';
import { fit } from '../width.ts';

/** The life of an order; what is not in it comes after. */
const lifecycle: readonly string[] = orderStatuses;

export type Count = readonly [status: string, count: number];

/** What is counted: one stream, of one shop or (null) of all. */
export interface Counted {
  readonly shop: string | null;
  readonly stream: string;
}

/** What is counted while a place is selected: its stream, else the orders, or the first stream where there are none. */
export const countedPlace = ({ streams }: Status, selected: Place | null): Counted => ({
  shop: selected?.shop ?? null,
  stream: selected?.stream ?? (streams.find(({ stream }) => stream === 'orders') ?? streams[0])?.stream ?? 'orders',
});

/** Its records by status, orders in the order of their life. */
export const countsOf = (status: Status, counted: Counted): readonly Count[] => {
  const sums = new Map<string, number>();
  for (const { byStatus, shop, stream } of status.streams) {
    if (stream !== counted.stream || (counted.shop !== null && shop !== counted.shop)) continue;
    for (const [name, count] of Object.entries(byStatus ?? {})) sums.set(name, (sums.get(name) ?? 0) + count);
  }
  const rank = (name: string): number => (lifecycle.indexOf(name) + lifecycle.length + 1) % (lifecycle.length + 1);
  return [...sums].toSorted(([a], [b]) => rank(a) - rank(b) || a.localeCompare(b));
};

/** One below the other with its share as a bar, side by side, or in a single line. */
export type CountLook = 'bars' | 'grid' | 'line';

const numberRoom = 9;
const nameRoom = (counts: readonly Count[]): number =>
  Math.min(36, Math.max(6, ...counts.map(([name]) => name.length)));
const perRow = (counts: readonly Count[], columns: number): number =>
  Math.max(1, Math.floor((columns + 3) / (nameRoom(counts) + numberRoom + 4)));

/** How many lines the counts take. */
export const countRows = (counts: readonly Count[], columns: number, look: CountLook): number => {
  if (look === 'line') return 1;
  return Math.max(1, look === 'bars' ? counts.length : Math.ceil(counts.length / perRow(counts, columns)));
};

interface Props {
  readonly counts: readonly Count[];
  readonly columns: number;
}

function Grid({ counts, columns }: Props) {
  const cells = perRow(counts, columns);
  const cell = ([name, count]: Count): string =>
    `${fit(name, nameRoom(counts))} ${fit(number(count), numberRoom, 'right')}`;
  return Array.from({ length: countRows(counts, columns, 'grid') }, (_, row) => (
    <Line key={row}>
      {counts
        .slice(row * cells, (row + 1) * cells)
        .map(cell)
        .join('   ')}
    </Line>
  ));
}

function Bars({ counts, columns }: Props) {
  const total = counts.reduce((sum, [, count]) => sum + count, 0);
  const room = Math.max(10, Math.min(60, columns - nameRoom(counts) - numberRoom - 10));
  return counts.map(([name, count]) => (
    <Line key={name}>
      {fit(name, nameRoom(counts))} {fit(number(count), numberRoom, 'right')}
      {'  '}
      <Say is="busy">{bar(total === 0 ? 0 : count / total, room).replaceAll('░', ' ')}</Say>
      <Say is="quiet">{fit(percent(count, Math.max(1, total)), 6, 'right')}</Say>
    </Line>
  ));
}

/** How many records are in which status. */
export function Counts({ counts, columns, look }: Props & { readonly look: CountLook }) {
  if (counts.length === 0) return <Say is="quiet">none yet</Say>;
  switch (look) {
    case 'bars':
      return <Bars counts={counts} columns={columns} />;
    case 'grid':
      return <Grid counts={counts} columns={columns} />;
    case 'line':
      return <Line>{counts.map(([name, count]) => `${name} ${number(count)}`).join(', ')}</Line>;
  }
}
