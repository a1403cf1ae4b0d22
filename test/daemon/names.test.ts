import { expect, test } from 'vitest';
import { z } from 'zod';

import { shopNamed, statusesToRead } from '../../daemon/names.ts';
import { orderStatuses } from '../../shared/order-statuses.ts';
import { run } from '../../shared/run-views.ts';
import { startSandbox } from '../sandbox/sandbox.ts';
import { Installation } from './daemon-process.ts';
import { exchange } from './rpc/harness.ts';
import { Room } from './store/room.ts';
import { order } from './store/wire.ts';

const poll = { timeout: 15_000, interval: 20 };
const reply = z.object({
  result: z.unknown().optional(),
  error: z.object({ code: z.int(), message: z.string(), data: z.record(z.string(), z.unknown()) }).optional(),
});

test('a name that nothing has is refused, with the nearest that something has, instead of an empty answer', async () => {
  await using sandbox = await startSandbox({ orders: 20, frozen: true });
  await using place = new Installation(sandbox);
  place.start();
  await expect
    .poll(() => place.call('sync', { stream: 'orders', wait: true }).catch((error: unknown) => error), poll)
    .toMatchObject({ runs: [{}] });
  const [{ id: shop, name } = { id: '', name: '' }] = sandbox.shops;
  const ask = async (method: string, params: object) =>
    reply.parse(JSON.parse(await exchange(place.socket, JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }))));
  const order = [...sandbox.world.orders()][0]?.id;
  const near = `${shop}1`;

  for (const [method, params] of [
    ['sync', { stream: 'ordres' }],
    ['fullResync', { stream: ['orders', 'ordres'], dryRun: true }],
    ['history', { stream: 'ordres' }],
  ] as const)
    expect(await ask(method, params), method).toMatchObject({
      error: {
        code: -32014,
        data: { code: 'unknown_stream', hint: expect.stringContaining('did you mean "orders"?') },
      },
    });
  for (const [method, params] of [
    ['sync', { shop: near }],
    ['history', { shop: near }],
    ['orders.list', { filter: { shop: near } }],
    ['orders.get', { id: order, shop: near }],
    ['orders.why', { id: order, shop: near }],
    ['orders.counts', { shop: near }],
  ] as const)
    expect(await ask(method, params), method).toMatchObject({
      error: { code: -32014, data: { code: 'unknown_shop', hint: `one of: ${shop} ${name}; did you mean "${shop}"?` } },
    });

  expect(name).not.toBe('');
  for (const [method, params] of [
    ['sync', { shop: name }],
    ['fullResync', { shop: name, dryRun: true }],
    ['history', { shop: name }],
    ['orders.list', { filter: { shop: name } }],
    ['orders.get', { id: order, shop: name }],
    ['orders.why', { id: order, shop: name }],
    ['orders.counts', { shop: name }],
  ] as const)
    expect(await ask(method, params), method).toHaveProperty('result');
  const named = await ask('orders.list', { filter: { shop: name } });
  expect(named).toEqual(await ask('orders.list', { filter: { shop } }));
  expect(named).toMatchObject({ result: { orders: expect.arrayContaining([expect.objectContaining({ shop })]) } });

  expect(await ask('orders.list', { filter: { status: ['COMPLETED', 'cancelled'] } })).toMatchObject({
    error: {
      code: -32602,
      message: 'Invalid params: filter.status[1]: no order has the status cancelled',
      data: { code: 'invalid_params', hint: expect.stringMatching(/^one of: UNPAID, .*did you mean "CANCELLED"\?$/) },
    },
  });

  expect(await ask('history', { before: 'nope' })).toMatchObject({
    error: { code: -32014, message: 'there is no run nope', data: { code: 'unknown_run' } },
  });
  for (const name of ['created', 'updated'])
    expect(
      await ask('orders.list', { filter: { [`${name}From`]: 2_000_000, [`${name}To`]: 1_000_000 } }),
    ).toMatchObject({
      error: { code: -32602, message: `Invalid params: filter.${name}From: lies after filter.${name}To` },
    });
  const [{ runId: known }] = z
    .tuple([run])
    .rest(run)
    .parse(await place.history());
  for (const status of orderStatuses)
    expect(await ask('orders.list', { filter: { status: [status], shop } }), status).toHaveProperty('result');
  for (const [method, params] of [
    ['history', { stream: 'orders', shop }],
    ['history', { before: known }],
    ['orders.list', { filter: { createdFrom: 1_000_000, createdTo: 1_000_000 } }],
    ['orders.get', { id: order, shop }],
    ['orders.counts', { shop, groupBy: 'day' }],
  ] as const)
    expect(await ask(method, params), method).toHaveProperty('result');
});

test('a shop is unknown while none is known, and is not waited for', async () => {
  await using place = new Installation();
  place.start([], { SHOPSYNC_API_APP_KEY: 'key', SHOPSYNC_APP_SECRET: 'hush' });
  const asked = () => place.call('history', { shop: '7490' }).catch((error: unknown) => error);
  await expect.poll(asked, poll).toMatchObject({ message: 'there is no shop 7490' });
});

test('a name that two shops have is refused with the ids of both, and an id is taken before a name', () => {
  const shops = [
    { id: '1', name: 'Same' },
    { id: '2', name: 'Same' },
    { id: '3', name: '1' },
  ];
  expect(() => shopNamed('Same', shops)).toThrow(
    expect.objectContaining({ code: 'unknown_shop', hint: 'one of: 1 Same, 2 Same' }),
  );
  expect(shopNamed('1', shops)).toBe('1');
  expect(shopNamed('Other', [...shops, { id: '4', name: 'Other' }])).toBe('4');
});

test('`open` is every status but the closed ones, those as well that only the store knows, and each is read once', async () => {
  await using room = await Room.open();
  const { runId } = await room.begin();
  const streams = [
    { statuses: orderStatuses, closed: ['COMPLETED', 'CANCELLED'] },
    // Its records cannot be read by status: what is closed there says nothing of orders.
    { closed: ['UNPAID'] },
    {},
  ];
  const read = (given?: string | readonly string[]) => statusesToRead(room.store, streams, given);
  const open = orderStatuses.filter((status) => !['COMPLETED', 'CANCELLED'].includes(status));
  expect(await read()).toBeUndefined();
  expect(await read('open')).toEqual(open);
  await room.page({ runId, records: ['SHELVED', 'CANCELLED'].map((status) => order(status, { status })) });
  expect(await read('open')).toEqual([...open, 'SHELVED']);
  expect(await read(['open'])).toEqual([...open, 'SHELVED']);
  expect(await read(['COMPLETED', 'open', 'UNPAID'])).toEqual([
    'COMPLETED',
    'UNPAID',
    ...[...open, 'SHELVED'].filter((status) => status !== 'UNPAID'),
  ]);
  expect(await read('SHELVED')).toEqual(['SHELVED']);
  expect(await read(['CANCELLED', 'UNPAID', 'CANCELLED'])).toEqual(['CANCELLED', 'UNPAID']);
});

test('a status to be read that no order has is refused, with its place and the nearest', async () => {
  await using room = await Room.open();
  const read = (...given: readonly string[]) => statusesToRead(room.store, [], given);
  await expect(read('UNPAID', 'opne')).rejects.toMatchObject({
    code: 'invalid_params',
    message: 'Invalid params: statuses[1]: no order has the status opne',
    hint: expect.stringMatching(/^one of: open, UNPAID, .*; did you mean "open"\?$/),
  });
  await expect(statusesToRead(room.store, [], 'unpaid')).rejects.toMatchObject({
    message: 'Invalid params: statuses[0]: no order has the status unpaid',
    hint: expect.stringContaining('did you mean "UNPAID"?'),
  });
});
