import { expect, test } from 'vitest';
import { z } from 'zod';

import { oddities } from '../../../daemon/store/watch.ts';
import { Workshop, differences, policy, start } from './workshop.ts';

const line = z.looseObject({ level: z.int(), msg: z.string(), unseen: z.int().optional() });
const tables = ['orders', 'order_line_items', 'order_events', 'record_counts', 'rejected_records'];
const contents = (w: Workshop) => Promise.all(tables.map((table) => w.dump(table)));
const resync = async (w: Workshop) => (await w.sync.request({ what: 'resync' }, 'manual')).ended;

test.each([
  { returns: 'nothing', of: 1000, shows: 0, localOnly: 500 },
  { returns: '40 %', of: 1000, shows: 2, localOnly: 500 },
  { returns: 'nothing', of: 50, shows: 0, localOnly: 50 },
  { returns: '40 %', of: 50, shows: 2, localOnly: 30 },
])(
  'T44, rule 13: a full resync that returns $returns of $of orders with code 0 deletes and blanks nothing, and tells it',
  async ({ of, shows, localOnly }) => {
    const logged: string[] = [];
    await using w = await Workshop.open({ pageSize: 100, logged: (text) => logged.push(text) });
    for (let i = 0; i < of; i++) w.shop.place(start - 500_000 + i * 400);
    await w.run();
    const before = await contents(w);
    w.clock.advance(900);
    // Of each five so many are shown, in searches and by id; counts and pages agree with that.
    const hidden = [...w.shop.orders].filter((_, i) => i % 5 >= shows);
    for (const [id] of hidden) w.shop.orders.delete(id);
    const run = await resync(w);
    expect(run).toMatchObject({ kind: 'full', state: 'succeeded', inserted: 0, updated: 0, localOnly });
    expect(run.seen).toBeLessThanOrEqual(of * 0.41);
    expect(await contents(w)).toEqual(before);
    // Where people look: the run's record, the status, the log.
    expect((await w.store.history({ kind: 'full', limit: 1 }))[0]).toMatchObject({ localOnly });
    const warnings = logged.map((text) => line.parse(JSON.parse(text))).filter(({ level }) => level === 40);
    expect(warnings.map(({ msg }) => msg.split(':')[0])).toEqual(['suspicious']);
    expect(await w.store.query(oddities, '7490', 'orders')).toEqual({ 'far fewer shown than stored': 1 });

    for (const [id, order] of hidden) w.shop.orders.set(id, order);
    w.clock.advance(900);
    expect(await resync(w)).toMatchObject({ state: 'succeeded', updated: 0, localOnly: 0 });
    expect(await contents(w)).toEqual(before);
    expect(await differences(w)).toEqual([]);
  },
);

test.each([
  ['in the strip, by the next run', 100, (w: Workshop) => w.run()],
  ['in what is covered, by a run over its span', 5000, (w: Workshop) => w.reread(start - 6000, start)],
  ['in what is covered, by a full resync', 5000, resync],
])(
  'T51, rule 3: an open order edited without a new update_time is stored %s, and counted at the same version',
  async (_, age, read) => {
    await using w = await Workshop.open();
    const placed = start - age;
    const id = w.shop.place(placed, { status: 'AWAITING_SHIPMENT' });
    w.shop.change(id, placed, { note: 'Elm Street' });
    for (let i = 0; i < 12; i++) w.shop.place(start - 5500 + i);
    await w.run();
    const events = await w.dump('order_events');
    w.clock.advance(30);
    w.shop.change(id, placed, { visibleAt: w.clock.now, note: 'Oak Lane' });
    const run = await read(w);
    expect(run).toMatchObject({ state: 'succeeded', inserted: 0, updated: 1 });
    const row = (await w.dump('orders')).find((one) => one['id'] === id);
    expect(row).toMatchObject({ update_time: placed, status: 'AWAITING_SHIPMENT', run_id: run.runId });
    expect(row?.['payload']).toContain('Oak Lane');
    expect(row?.['changed_at']).not.toBe(row?.['first_seen_at']);
    // No other version: no event, no late arrival, no drift.
    expect(await w.dump('order_events')).toEqual(events);
    expect(await w.store.query(oddities, '7490', 'orders')).toEqual({ 'silent edit': 1 });
    expect((await w.store.state('7490', 'orders'))?.overlap).toBe(0);
    w.clock.advance(policy.settle);
    await read(w);
    expect(await differences(w)).toEqual([]);
  },
);
