import { expect, test } from 'vitest';

import { search } from '../../../daemon/streams/cursor-search.ts';
import { orderSpec } from '../../../daemon/streams/orders.ts';
import { day } from '../store/wire.ts';
import { OrderWorld } from './order-world.ts';

const query = { from: day, to: day + 1000, by: 'time' } as const;

test('paging and sorting go into the query, filters into the body', async () => {
  const world = new OrderWorld();
  world.add(3, (n) => ({ update_time: day + n }));
  await search(orderSpec, { ...query, by: 'tie', tieFrom: 5, tieTo: day * 2, token: 'a+0', size: 7 }, world.context());
  expect(world.searches).toEqual([
    {
      updateFrom: day,
      updateTo: day + 1000,
      createFrom: 5,
      createTo: day * 2,
      sort: 'create_time',
      size: 7,
      token: 'a+0',
    },
  ]);
});

test.each([
  ['an empty token', { next_page_token: '' }],
  ['no token', {}],
])('a list ends with %s', async (_, end) => {
  const world = new OrderWorld();
  world.bend = () => ({ ...end, total_count: 0 });
  expect(await search(orderSpec, query, world.context())).toMatchObject({ records: [], next: undefined, total: 0 });
});

test.each([
  ['no orders although it counts some', () => ({ orders: [], total_count: 5, next_page_token: '' })],
  ['no list of orders although it counts some', () => ({ total_count: 1 })],
  ['a full page of more, and no token', (orders: readonly unknown[]) => ({ orders, total_count: 250 })],
  ['a token and no orders', () => ({ orders: [], total_count: 5, next_page_token: 'more' })],
])('an answer with %s is asked again, and is a passing failure when it stays so', async (_, contradict) => {
  const world = new OrderWorld();
  world.add(120, (n) => ({ update_time: day + n }));
  let wrong = 2;
  world.bend = (right) => (wrong-- > 0 ? contradict(world.orders.slice(0, 100)) : right);
  expect(await search(orderSpec, query, world.context())).toMatchObject({ total: 120 });
  expect(world.searches).toHaveLength(3);
  wrong = 3;
  await expect(search(orderSpec, query, world.context())).rejects.toMatchObject({
    class: 'transient',
    code: 'api',
    hint: expect.stringContaining('nothing was skipped'),
  });
  expect(world.searches).toHaveLength(6);
});

test('a last page behind a token may hold less than the API counts in all', async () => {
  const world = new OrderWorld();
  world.add(120, (n) => ({ update_time: day + n }));
  const answer = await search(orderSpec, { ...query, token: 'offset+100' }, world.context());
  expect(answer).toMatchObject({ next: undefined, total: 120 });
  expect(answer.records).toHaveLength(20);
});

test('each attempt is counted, and an answer carries when it was asked', async () => {
  const world = new OrderWorld();
  let attempts = 0;
  const context = world.context({ onAttempt: () => (attempts += 1) });
  expect(await search(orderSpec, query, context)).toMatchObject({ sentAt: 1_800_000_000, asked: 1 });
  expect(await search(orderSpec, query, context)).toMatchObject({ asked: 2 });
  expect(attempts).toBe(2);
});
