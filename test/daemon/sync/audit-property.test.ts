import { expect, test } from 'vitest';

import { type AuditWorld, auditWorld } from './audit-world.ts';
import { createRandom } from './history-world.ts';
import { differences } from './workshop.ts';

const day = 86_400;
const seeds = Array.from({ length: 12 }, (_, i) => i + 1);

/** What a hand in the database does to one order, and what an audit should call it. */
const sabotage: readonly [of: 'missing' | 'stale', work: (world: AuditWorld, id: string) => Promise<void>][] = [
  ['missing', (world, id) => world.erase([id])],
  ['missing', (world, id) => world.sql(`delete from orders where id = '${id}'`)],
  ['stale', (world, id) => world.age(id, 1 + Math.floor(world.random() * 40 * day))],
  ['stale', (world, id) => world.age(id, -3600)],
  ['stale', (world, id) => world.setBack(id, 1 + Math.floor(world.random() * 3))],
  ['stale', (world, id) => world.sql(`update orders set status = 'ON_HOLD' where id = '${id}'`)],
  ['stale', (world, id) => world.sql(`delete from order_line_items where order_id = '${id}'`)],
  ['stale', (world, id) => world.sql(`update orders set create_time = create_time + 9 where id = '${id}'`)],
];

test.each(seeds)(
  'whatever somebody does to the store, audits make it equal to the shop and tell what it was, seed %i',
  async (seed) => {
    const random = createRandom(seed * 7919);
    await using world = await auditWorld(Math.floor(60 + random() * 400), { seed });
    const { workshop } = world;
    const isBusy = seed % 3 === 0;
    const done = { missing: 0, stale: 0 };
    const ids = world.some(Math.floor(random() * 12) * (seed % 4 === 0 ? 0 : 1));
    for (const id of ids) {
      const [of, work] = sabotage[Math.floor(random() * sabotage.length)] ?? ['missing', () => Promise.resolve()];
      await work(world, id);
      done[of] += 1;
    }
    // Those that were damaged stay as they are, so that nobody but an audit mends them.
    const others = [...workshop.shop.orders.keys()].filter((id) => !ids.includes(id));
    workshop.api.set({
      before: () => {
        if (!isBusy) return;
        const id = others[Math.floor(random() * others.length)];
        if (id !== undefined) workshop.shop.change(id, Math.floor(workshop.clock.now));
        workshop.shop.place(Math.floor(workshop.clock.now));
        workshop.clock.advance(Math.floor(random() * 20));
      },
    });
    const told = { missing: 0, stale: 0 };
    for (let i = 0; i < 3; i++) {
      const audit = await world.audit();
      expect(audit).toMatchObject({ onlyLocal: 0, undecided: 0, future: 0 });
      told.missing += audit.missing;
      told.stale += audit.stale;
      workshop.clock.advance(3600);
    }
    expect(told).toEqual(done);
    workshop.api.set({ before: () => undefined });
    await workshop.run();
    expect(await differences(workshop)).toEqual([]);
    const again = await world.audit();
    expect(again).toMatchObject({ missing: 0, stale: 0, drifted: 0 });
    expect(again.stored).toBe(again.remote);
  },
);
