import { sql } from 'kysely';
import { expect, test } from 'vitest';

import { streamCounts } from '../../../daemon/store/pending.ts';
import { Stopped } from '../../../daemon/sync/failures.ts';
import { Workshop, differences, policy, start } from './workshop.ts';

test('rule 1: a page that cannot be stored whole leaves nothing behind', async () => {
  await using w = await Workshop.open();
  for (let i = 0; i < 30; i++) w.shop.place(start - 10_000 - i * 10);
  await w.store.change((db) =>
    sql`create trigger fault before insert on run_spans when (select count(*) from run_spans) > 0 begin select raise(abort, 'fault'); end`.execute(
      db,
    ),
  );
  const failed = await w.run();
  expect(failed).toMatchObject({ state: 'failed', error: { code: 'store' }, requests: w.api.requests.length });
  expect(failed.inserted).toBe((await w.dump('orders')).length);
  await w.store.change((db) => sql`drop trigger fault`.execute(db));
  expect(await w.run()).toMatchObject({ state: 'succeeded' });
  expect(await differences(w)).toEqual([]);
});

test('rule 2: nothing younger than settle + overlap is ever covered', async () => {
  await using w = await Workshop.open();
  w.shop.place(start - 5);
  await w.run();
  for (let i = 0; i < 20; i++) {
    w.clock.advance(100);
    w.shop.place(w.clock.now - 1);
    await w.run();
    const latest = Math.max(...(await w.coverage()).map((span) => span.to));
    expect(latest).toBeLessThanOrEqual(w.clock.now - policy.settle - policy.overlap);
  }
  expect(await differences(w)).toEqual([]);
});

test('rule 2, F1: a version that shows late is found although the newer half was committed before a kill', async () => {
  for (let killAt = 1; killAt <= 12; killAt++) {
    await using w = await Workshop.open({ walkers: 2, pageSize: 5 });
    for (let i = 0; i < 40; i++) w.shop.place(start - 100_000 + i);
    await w.run();
    w.clock.advance(900);
    for (let i = 0; i < 30; i++) w.shop.place(w.clock.now - 800 + i * 20);
    // Stamped below the watermark to come, shown only after the run that is killed.
    const late = w.shop.place(w.clock.now - 70, { visibleAt: w.clock.now + 100 });
    const before = w.api.requests.length;
    w.api.set({
      after: () => {
        if (w.api.requests.length - before >= killAt) throw new Stopped('interrupted');
      },
    });
    await w.run();
    await w.restart();
    w.clock.advance(200);
    await w.run();
    expect(await differences(w), `killed at request ${killAt}, late order ${late}`).toEqual([]);
  }
});

test('rule 2: a second that cannot be read whole stays uncovered and stops nothing, until a run reads it whole', async () => {
  await using w = await Workshop.open();
  const tied = start - 5000;
  for (let i = 0; i < 30; i++) w.shop.place(tied, { createTime: tied - 100 });
  for (let i = 0; i < 30; i++) w.shop.place(start - 9000 + i * 100 + (i >= 15 ? 4000 : 0));
  // The count of that second promises one order more than ever comes.
  const bend = (data: Record<string, unknown>, n: number) => {
    const { body } = w.api.requests[n - 1] ?? {};
    const isTied = JSON.stringify(body).includes(`"update_time_ge":${tied},"update_time_lt":${tied + 1}`);
    return isTied ? { ...data, total_count: Number(data['total_count']) + 1 } : data;
  };
  w.api.set({ bend });
  // A window that ends with the second: its reader comes to an end, and is not sent there again and again.
  expect(await w.reread(tied - 10, tied + 1)).toMatchObject({ state: 'succeeded', seen: 30 });
  expect(await w.run()).toMatchObject({ kind: 'full', state: 'succeeded' });
  expect(await differences(w)).toEqual([]);
  const hole = (spans: readonly { from: number; to: number }[]) =>
    spans.every(({ from, to }) => tied < from || tied >= to);
  expect(hole(await w.coverage())).toBe(true);
  expect(await w.dump('sync_metadata')).toEqual([]);
  w.api.set({ bend: (data) => data });
  expect(await w.run()).toMatchObject({ kind: 'full', state: 'succeeded' });
  expect(hole(await w.coverage())).toBe(false);
  expect(await w.dump('sync_metadata')).toHaveLength(1);
});

test('rule 3: an older answer that arrives late never replaces a newer one', async () => {
  await using w = await Workshop.open({ walkers: 2 });
  const id = w.shop.place(start - 5000);
  await w.run();
  // Asked before the change, answered after the newer version was stored.
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  w.api.set({
    after: (_n, request) =>
      'update_time_ge' in (request.body ?? {}) && request.body?.['update_time_ge'] === start - 6000 ? held : undefined,
  });
  const span = await w.sync.request({ what: 'span', span: { from: start - 6000, to: start - 4000 } }, 'manual');
  await new Promise((resolve) => setImmediate(resolve));
  w.clock.advance(10);
  w.shop.change(id, start + 5, { status: 'COMPLETED' });
  await w.run();
  release();
  expect(await span.ended).toMatchObject({ kind: 'partial', unchanged: 1, updated: 0 });
  expect(await differences(w)).toEqual([]);
});

test('rule 3, F3: a version that went back in time is asked again by id, and replaces once confirmed', async () => {
  await using w = await Workshop.open();
  const id = w.shop.place(start - 100, { status: 'UNPAID' });
  w.shop.change(id, start + 90_000, { visibleAt: start, status: 'ON_HOLD' });
  await w.run();
  await w.sync.request({ what: 'span', span: { from: start, to: start + 100_000 } }, 'manual').then((r) => r.ended);
  w.clock.advance(20);
  w.shop.change(id, start + 10, { status: 'CANCELLED', visibleAt: w.clock.now });
  await w.run();
  expect(await differences(w)).not.toEqual([]);
  expect(await w.dump('doubts')).toHaveLength(1);
  w.clock.advance(policy.settle + policy.overlap + 1);
  await w.run();
  expect(await differences(w)).toEqual([]);
  expect(await w.dump('doubts')).toEqual([]);
});

test.each<[string, (order: Record<string, unknown>) => Record<string, unknown>, boolean]>([
  ['a status that is a number', (order) => ({ ...order, status: 7 }), true],
  ['text where a number is expected', (order) => ({ ...order, update_time: String(order['update_time']) }), true],
  ['no id', ({ id: _id, ...order }) => order, false],
])(
  'rule 4, T14: an order with %s is set aside whole, counted, asked again, and stops nothing',
  async (_, turn, known) => {
    await using w = await Workshop.open();
    const bad = w.shop.place(start - 1000);
    for (let i = 0; i < 15; i++) w.shop.place(start - 900 + i);
    const turned: unknown[] = [];
    const bend = (data: Record<string, unknown>) => ({
      ...data,
      orders: (data['orders'] as Record<string, unknown>[]).map((order) => {
        if (order['id'] !== bad) return order;
        turned.push(turn(order));
        return turned.at(-1);
      }),
    });
    w.api.set({ bend });
    expect(await w.run()).toMatchObject({ state: 'succeeded', inserted: 15, rejected: 1 });
    const [aside] = await w.dump('rejected_records');
    expect(aside).toMatchObject({ record_id: known ? bad : null, stream: 'orders' });
    expect(JSON.parse(String(aside?.['payload']))).toEqual(turned[0]);
    expect(await w.store.query(streamCounts, '7490', 'orders')).toMatchObject({ total: 15, rejected: 1 });
    expect(await w.watermark()).toBe(start - policy.settle);
    w.clock.advance(900);
    await w.run();
    expect(await w.dump('rejected_records')).toHaveLength(1);
    expect(await w.watermark()).toBe(start + 900 - policy.settle);
    // The API has mended it, or a newer version of this program can read it.
    w.api.set({ bend: (data) => data });
    expect(await (known ? w.run() : w.reread(start - 2000, start))).toMatchObject({ inserted: 1 });
    if (known) expect(await w.dump('rejected_records')).toEqual([]);
    expect(await differences(w)).toEqual([]);
  },
);

test('rule 5: doing any run twice leaves the same rows', async () => {
  await using w = await Workshop.open();
  for (let i = 0; i < 55; i++) w.shop.place(start - 50_000 + i * 300);
  await w.run();
  const tables = ['orders', 'order_line_items', 'order_events', 'record_counts', 'rejected_records'];
  const before = await Promise.all(tables.map((table) => w.dump(table)));
  w.clock.advance(400);
  await w.run();
  const resync = await w.sync.request({ what: 'resync' }, 'manual');
  expect(await resync.ended).toMatchObject({ kind: 'full', state: 'succeeded', inserted: 0, updated: 0, localOnly: 0 });
  expect(await Promise.all(tables.map((table) => w.dump(table)))).toEqual(before);
});
