import type { DayRecord } from '../../../daemon/store/days.ts';
import type { PageCommit, RecordTable } from '../../../daemon/store/page.ts';
import type { ProductRecord, SkuRecord } from '../../../daemon/store/products.ts';
import { type Room, emptyPage, shop } from './room.ts';
import { day } from './wire.ts';

/** A run of a stream under way in a room, and pages of its records. */
export async function pagesInto<R>(room: Room, stream: string, table: RecordTable<R>) {
  await room.store.ensureState({ shop, stream, liveStart: day, since: 0, overlap: 300 });
  const { runId } = await room.begin({ shop, stream });
  let asked = 0;
  const put = (records: readonly R[], page: Partial<PageCommit<R>> = {}) =>
    room.store.commitPage(table, { ...emptyPage, runId, shop, stream, records, asked: ++asked, ...page });
  return { runId, put };
}

/** `change.note` stands for whatever else the payload says. */
export function product(
  id: string,
  { note = '', ...change }: Partial<ProductRecord> & { readonly note?: string } = {},
): ProductRecord {
  const record = { id, status: 'ACTIVATE', title: id, createTime: day, updateTime: day, skus: [], ...change };
  return { ...record, payload: JSON.stringify({ ...record, note }) };
}

export const sku = (id: string, change: Partial<SkuRecord> = {}): SkuRecord => ({
  id,
  sellerSku: `code ${id}`,
  price: '12.50',
  currency: 'GBP',
  quantity: 3,
  ...change,
});

export function figures(
  date: string,
  { note = '', ...change }: Partial<DayRecord> & { readonly note?: string } = {},
): DayRecord {
  const record = {
    date,
    dayTime: Date.parse(date) / 1000,
    gmv: '100.50',
    currency: 'GBP',
    orders: 4,
    unitsSold: 6,
    buyers: 3,
    refunds: '0',
    final: false,
    ...change,
  };
  const { final: _, ...told } = record;
  return { ...record, payload: JSON.stringify({ ...told, note }) };
}
