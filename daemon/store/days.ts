import { recordTable } from './record-table.ts';

/** A shop's figures of one day. Money is the API's exact decimal text. */
export interface DayRecord {
  /** `2026-11-22`, in the shop's own time zone. */
  readonly date: string;
  /** The date's place on the axis, unix seconds: its midnight as if it were UTC. */
  readonly dayTime: number;
  readonly gmv: string | null;
  readonly currency: string | null;
  readonly orders: number | null;
  readonly unitsSold: number | null;
  readonly buyers: number | null;
  readonly refunds: string | null;
  /** Whether its figures are not restated any more. */
  readonly final: boolean;
  readonly payload: string;
  /** `path:kind` of what the API sent. */
  readonly shape?: () => readonly string[];
}

export const dayTable = recordTable<DayRecord>({
  name: 'shop_performance',
  columns: { id: 'date', time: 'day_time' },
  idOf: (day) => day.date,
  timeOf: (day) => day.dayTime,
  shapeOf: (day) => day.shape?.() ?? [],
  payloadOf: (day) => day.payload,
  row: (day) => ({
    gmv: day.gmv,
    currency: day.currency,
    orders: day.orders,
    units_sold: day.unitsSold,
    buyers: day.buyers,
    refunds: day.refunds,
    final: day.final ? 1 : 0,
  }),
  telling: ['final'],
  restated: { column: 'restated', figures: ['gmv', 'currency', 'orders', 'units_sold', 'buyers', 'refunds'] },
});
