import fc from 'fast-check';
import { expect, test } from 'vitest';

import { addSpan } from '../../../daemon/store/spans.ts';
import { Room, at, shop } from './room.ts';

const span = fc.tuple(fc.nat(40), fc.nat(8)).map(([from, length]) => ({ from, to: from + length }));

/** The integers of a set as merged, half-open spans. */
function spansOf(set: ReadonlySet<number>): { from: number; to: number }[] {
  const spans: { from: number; to: number }[] = [];
  for (const n of [...set].toSorted((a, b) => a - b)) {
    const last = spans.at(-1);
    if (last?.to === n) last.to = n + 1;
    else spans.push({ from: n, to: n + 1 });
  }
  return spans;
}

test('coverage and ledgers hold the set of all seconds added, in merged rows', async () => {
  await using room = await Room.open();
  let n = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(span, { maxLength: 20 }), async (spans) => {
      const name = `stream${n++}`;
      const { runId } = await room.begin({ stream: name });
      const set = new Set<number>();
      for (const { from, to } of spans) {
        for (let second = from; second < to; second++) set.add(second);
        await room.page({ runId, stream: name, read: { from, to }, covered: { from, to } });
      }
      expect(await room.store.coverage(shop, name)).toEqual(spansOf(set));
      expect(await room.store.ledger(runId)).toEqual(spansOf(set));
    }),
    { numRuns: 40 },
  );
});

test('spans of another shop, stream or run are left alone', async () => {
  await using room = await Room.open();
  const add = (stream: string, from: number, to: number) =>
    room.store.change(addSpan, 'coverage', { shop_id: shop, stream }, { from, to });
  await add('orders', 0, 10);
  await add('products', 5, 15);
  await room.store.change(addSpan, 'coverage', { shop_id: 'another', stream: 'orders' }, { from: 10, to: 20 });
  await add('orders', 10, 11);
  expect(await room.rows('select shop_id, stream, from_time, to_time from coverage order by 1, 2')).toEqual([
    { shop_id: shop, stream: 'orders', from_time: 0, to_time: 11 },
    { shop_id: shop, stream: 'products', from_time: 5, to_time: 15 },
    { shop_id: 'another', stream: 'orders', from_time: 10, to_time: 20 },
  ]);
});

test('the ledger of a full resync is what all the runs it took have read', async () => {
  await using room = await Room.open();
  const { runId: first } = await room.begin({ kind: 'full' });
  await room.page({ runId: first, read: { from: 20, to: 30 } });
  await room.end({ runId: first, state: 'interrupted' });
  const { runId: second } = await room.begin({ kind: 'full', continues: first });
  await room.page({ runId: second, read: { from: 0, to: 5 } });
  const { runId: live } = await room.begin();
  await room.page({ runId: live, read: { from: 90, to: 95 } });
  expect(await room.store.ledger(first)).toEqual([
    { from: 0, to: 5 },
    { from: 20, to: 30 },
  ]);
  expect(await room.store.lastFullRun(at.shop, at.stream)).toMatchObject({ ledger: first, run: { runId: second } });
});
