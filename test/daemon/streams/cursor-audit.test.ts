import { expect, test } from 'vitest';

import { cancellations } from '../../../daemon/streams/cancellations.ts';
import { orders } from '../../../daemon/streams/orders.ts';
import { returns } from '../../../daemon/streams/returns.ts';
import { statements } from '../../../daemon/streams/statements.ts';
import type { Auditable, Axis, ReadContext, Stream, Window } from '../../../daemon/streams/stream.ts';
import { day } from '../store/wire.ts';
import { answering } from './answering.ts';
import { OrderWorld, summary } from './order-world.ts';
import { contextOf, pagesOf, shopOver } from './shop-over.ts';

const window = { from: day, to: day + 10_000 };
const axes = ['created', 'updated'] as const;

function auditOf<R>({ name, audit }: Stream<R>): Auditable<R> {
  if (audit === undefined) throw new Error(`${name} cannot be audited`);
  return audit;
}

const audit = auditOf(orders);
const readAll = async (axis: Axis, of: Window, context: ReadContext) =>
  summary(await pagesOf(audit.read(axis, of, context)));

/** Orders whose two times have nothing to do with each other: 300 created in the window, 350 changed in it. */
function crossed(): OrderWorld {
  const world = new OrderWorld();
  world.add(250, (n) => ({ create_time: day + ((n * 7919) % 10_000), update_time: day + 10_000 + ((n * 31) % 5000) }));
  world.add(50, (n) => ({ create_time: day + n * 7, update_time: day + 9999 - n }));
  world.add(300, (n) => ({ create_time: day - 1 - n, update_time: day + ((n * 104_729) % 10_000) }));
  return world;
}

test('orders are counted by one of their times, whatever the other one is, for one request of one order', async () => {
  const world = crossed();
  expect(await audit.count('created', window, world.context())).toEqual({ total: 300, sentAt: 1_800_000_000 });
  expect(await audit.count('updated', window, world.context())).toEqual({ total: 350, sentAt: 1_800_000_000 });
  expect(world.searches).toMatchObject([
    { createFrom: day, createTo: day + 10_000, updateFrom: 0, updateTo: Infinity, sort: 'create_time', size: 1 },
    { updateFrom: day, updateTo: day + 10_000, createFrom: 0, createTo: Infinity, sort: 'update_time', size: 1 },
  ]);
});

test.each(axes)(
  'every order %s in a window is read, oldest first, from a cursor of time, and covers nothing',
  async (axis) => {
    const world = crossed();
    const { pages, ids, covered } = await readAll(axis, window, world.context());
    const name = axis === 'created' ? 'create_time' : 'update_time';
    const wanted = world.orders.filter((order) => order[name] >= day && order[name] < window.to);
    expect(ids).toEqual(wanted.toSorted((a, b) => a[name] - b[name]).map(({ id }) => id));
    expect(covered).toEqual([]);
    expect(pages.every((page) => !('coveredTo' in page))).toBe(true);
    expect(world.searches.every(({ token, sort }) => token === undefined && sort === name)).toBe(true);
    expect(world.oddities).toEqual([]);
  },
);

test('orders that change while those created in a window are read stay in it, each in its last version', async () => {
  const world = crossed();
  let now = day + 50_000;
  world.before = (n) => {
    for (const at of [0, 100, 251]) world.change(at + n, { update_time: now++, status: 'EDITED' });
  };
  const { ids } = await readAll('created', window, world.context());
  expect(new Set(ids).size).toBe(300);
  expect(world.oddities).toEqual([]);
});

test('more than a page created in one second are parted by update_time', async () => {
  const world = new OrderWorld();
  world.add(250, (n) => ({ create_time: day + 5, update_time: day + 20_000 + ((n * 31) % 250) }));
  world.add(2, (n) => ({ create_time: day + n * 9, update_time: day }));
  const { ids } = await readAll('created', window, world.context());
  expect(ids).toHaveLength(252);
  expect(new Set(ids).size).toBe(252);
  expect(world.searches.every(({ token }) => token === undefined)).toBe(true);
  expect(world.searches.filter(({ sort }) => sort === 'update_time')).toHaveLength(3);
  expect(world.oddities).toEqual([]);
});

test('those that tie in both times come by tokens', async () => {
  const world = new OrderWorld();
  world.add(250, () => ({ create_time: day + 5, update_time: day + 20_000 }));
  const { ids } = await readAll('created', window, world.context());
  expect(new Set(ids).size).toBe(250);
  expect(world.searches.filter(({ token }) => token !== undefined)).toHaveLength(2);
});

test('a proof of the sort by update_time is none of that by create_time', async () => {
  const world = new OrderWorld();
  // By id the first page ascends, and its last order was created long after the others.
  world.add(300, (n) => ({
    create_time: n === 99 ? day + 9000 : day + n * 10,
    update_time: day + ((n * 7919) % 10_000),
  }));
  world.compare = (a, b, { sort }) => (sort === 'create_time' ? (a.id < b.id ? -1 : 1) : a.update_time - b.update_time);
  const context = world.context();
  expect(new Set((await readAll('updated', window, context)).ids).size).toBe(300);
  expect(world.oddities).toEqual([]);
  expect(new Set((await readAll('created', window, context)).ids).size).toBe(300);
  expect(world.oddities).toEqual(['unsorted page']);
});

test('a page by update_time that is in the order of creation by luck hides no order that changed later', async () => {
  const world = new OrderWorld();
  world.add(100, (n) => ({ create_time: day + n * 10, update_time: day + 20_000 + n }));
  world.add(150, (n) => ({ create_time: day + n * 5 + 1, update_time: day + 30_000 - n }));
  const context = world.context();
  // Proved by another window before.
  world.add(150, (n) => ({ create_time: day - 5000 + n, update_time: day - n }));
  await readAll('created', { from: day - 5000, to: day }, context);
  world.compare = (a, b) => a.update_time - b.update_time;
  const { ids } = await readAll('created', window, context);
  expect(new Set(ids).size).toBe(250);
  expect(world.oddities).toEqual(['unsorted page']);
});

test('T9: an API that ignores the filter on create_time is a configuration error that names it', async () => {
  const world = crossed();
  world.matches = (order, search) => order.update_time >= search.updateFrom && order.update_time < search.updateTo;
  await expect(readAll('created', window, world.context())).rejects.toMatchObject({
    class: 'configuration',
    message: `the API ignores the filter on create_time: asked for [${day}, ${day + 10_000}), got others`,
  });
  await expect(audit.count('created', window, world.context())).rejects.toMatchObject({ class: 'transient' });
});

test('an answer that counts orders and shows none is not taken for a count', async () => {
  const world = crossed();
  world.bend = (data) => ({ ...data, orders: [], next_page_token: '' });
  await expect(audit.count('updated', window, world.context())).rejects.toMatchObject({ class: 'transient' });
  expect(world.searches).toHaveLength(3);
});

test('returns are counted with the least page that they allow', async () => {
  const api = answering(() => ({ return_orders: [], total_count: 0 }));
  await auditOf(returns).count('created', window, contextOf(api).context);
  expect(api.asked[0]).toMatchObject({
    query: { page_size: '10', sort_field: 'create_time' },
    body: { create_time_ge: day, create_time_lt: day + 10_000 },
  });
  expect(api.asked[0]?.body).not.toHaveProperty('update_time_ge');
});

test('streams that do not count, or know one time alone, are not audited', () => {
  expect(statements.audit).toBeUndefined();
});

test('over HTTP: counts and reads by either time tell the same as the shop', async () => {
  const { world, api } = await shopOver({ orders: 2000, days: 100 });
  const { context, oddities } = contextOf(api);
  const { claims } = world.streams;
  const shown = {
    orders: [...world.orders()].map(({ id, createTime, updateTime }) => ({
      id,
      created: createTime,
      updated: updateTime,
    })),
    returns: claims.returns.list,
    cancellations: claims.cancellations.list,
  };
  const check = async <R>(stream: Stream<R>, all: readonly { id: string; created: number; updated: number }[]) => {
    const times = all.map(({ created }) => created).toSorted((a, b) => a - b);
    const [from = 0, to = 0] = [times[Math.floor(times.length / 4)], times.at(-2)];
    for (const axis of axes) {
      const wanted = all.filter((record) => record[axis] >= from && record[axis] < to).map(({ id }) => id);
      expect(wanted.length).toBeGreaterThan(20);
      expect(wanted.length).toBeLessThan(all.length);
      const { total } = await auditOf(stream).count(axis, { from, to }, context);
      const pages = await pagesOf(auditOf(stream).read(axis, { from, to }, context));
      const ids = pages.flatMap(({ records }) => records.map((record) => stream.table.idOf(record)));
      expect(ids.toSorted()).toEqual(wanted.toSorted());
      expect(total).toBe(wanted.length);
    }
  };
  await check(orders, shown.orders);
  await check(returns, shown.returns);
  await check(cancellations, shown.cancellations);
  expect(oddities).toEqual([]);
});
