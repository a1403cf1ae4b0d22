import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { z } from 'zod';

import { AppError } from '../../../daemon/errors.ts';
import { gaps } from '../../../daemon/spans.ts';
import { Workshop, differences, policy, start } from './workshop.ts';

const asked = z.looseObject({ update_time_ge: z.number() });
const cursorOf = (body: unknown): number => asked.safeParse(body).data?.update_time_ge ?? 0;

test('T11, rule 7: one of eight parts fails for two hours: the watermark waits below it, the other parts are read', async () => {
  await using w = await Workshop.open({ pageSize: 20, grain: 20, walkers: 8 });
  await w.run();
  const before = await w.watermark();
  const hour = 3600;
  for (let i = 0; i < 1600; i++) w.shop.place(start + 100 + i * 50);
  w.clock.advance(80_000 + hour);
  const page = 20 * 50;
  const third = { from: start + 20_000, to: start + 30_000 };
  const inside = (body: unknown) => third.from <= cursorOf(body) && cursorOf(body) < third.to;
  w.api.set({
    before: (_, { body }) => {
      if (inside(body)) throw new AppError('transient', 'api', 'down');
    },
  });
  const began = w.clock.now;
  expect(await w.run()).toMatchObject({ state: 'failed' });
  while (w.clock.now < began + 2 * hour) {
    w.clock.advance(Math.min(900, Math.max(1, (w.sync.retryAt ?? 0) / 1000 - w.clock.now)));
    await expect.poll(() => w.sync.activeRuns).toEqual([]);
    expect(w.runs.at(-1)).toMatchObject({ state: 'failed' });
    expect(await w.watermark()).toBe(before);
  }
  const open = gaps({ from: start, to: w.clock.now - 3 * hour }, await w.coverage());
  const { from = 0, to = 0 } = open[0] ?? {};
  expect(open).toHaveLength(1);
  expect(from).toBeGreaterThan(third.from - page);
  expect(to).toBeLessThan(third.to + page);
  w.api.set({ before: () => undefined });
  expect(await w.run()).toMatchObject({ state: 'succeeded' });
  expect(await w.watermark()).toBe(w.clock.now - policy.settle);
  expect(await differences(w)).toEqual([]);
});

test('T38, rule 3: eight windows of history arrive 10 minutes late and take no order back while live runs go on', async () => {
  await using w = await Workshop.open({ pageSize: 50, grain: 50, walkers: 8 });
  await w.store.change((db) =>
    sql`create trigger older before update on orders when new.update_time < old.update_time
      or new.update_time = old.update_time and new.asked < old.asked
      begin select raise(abort, 'an older version replaces a newer one'); end`.execute(db),
  );
  const placed = Array.from({ length: 3000 }, (_, i) => w.shop.place(start - 90_000 + i * 29));
  const changed = new Set<string>();
  const onTheirWay = new Map<number, readonly string[]>();
  const late = { underWay: 0, most: 0, overtaken: 0 };
  w.api.set({
    bend: (data, n) => {
      const orders = z.array(z.looseObject({ id: z.string() })).parse(data['orders']);
      onTheirWay.set(
        n,
        orders.map(({ id }) => id).filter((id) => !changed.has(id)),
      );
      return data;
    },
    after: async (n, { body }) => {
      if (cursorOf(body) === 0 || cursorOf(body) > start - 1000) return;
      late.most = Math.max(late.most, ++late.underWay);
      await new Promise<void>((resolve) => void w.clock.setTimer(resolve, 600_000));
      late.underWay -= 1;
      late.overtaken += onTheirWay.get(n)?.filter((id) => changed.has(id)).length ?? 0;
    },
  });
  const full = await w.sync.request({ what: 'sync' }, 'start');
  await expect.poll(() => late.underWay).toBeGreaterThan(0);
  for (let minute = 0; minute < 500 && w.sync.activeRuns.length > 0; minute++) {
    w.clock.advance(60);
    // The oldest stand still: by them the sort is proved, with two requests that lie 10 minutes apart.
    for (let i = 0; i < 4; i++) {
      const id = placed[100 + ((minute * 131 + i * 725) % 2900)] ?? '';
      w.shop.change(id, w.clock.now - 1 - i, { status: `LIVE_${minute}` });
      changed.add(id);
    }
    expect(await w.run()).toMatchObject({ kind: 'incremental', state: 'succeeded' });
  }
  expect(await full.ended).toMatchObject({ kind: 'full', state: 'succeeded' });
  expect(late.most).toBe(8);
  expect(late.overtaken).toBeGreaterThan(20);
  expect(await differences(w)).toEqual([]);
});
