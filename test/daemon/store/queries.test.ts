import fc from 'fast-check';
import { expect, test } from 'vitest';

import { getOrder, listOrders } from '../../../daemon/store/queries.ts';
import { type Params, methods } from '../../../shared/contract.ts';
import { Room, shop } from './room.ts';
import { day, item, order } from './wire.ts';

const otherShop = '7490000000000000002';

async function list(room: Room, params: Params<'orders.list'> = {}) {
  return room.store.query(listOrders, methods['orders.list'].params.parse(params));
}

const ids = async (room: Room, params?: Params<'orders.list'>) => (await list(room, params)).orders.map((o) => o.id);

/** Four orders; what an answer must tell of them is in the order of their ids. */
async function fourOrders() {
  const room = await Room.open();
  const { runId } = await room.begin();
  const money = (total_amount: string | null) => ({ payment: { currency: 'GBP', total_amount } });
  await room.page({
    runId,
    records: [
      order('100', { status: 'UNPAID', create_time: day + 1, update_time: day + 40, ...money('9.90') }),
      order('1001', { status: 'SHIPPED', create_time: day + 2, update_time: day + 30, ...money('100') }),
      order('2', {
        status: 'DONE',
        create_time: day + 3,
        update_time: day + 20,
        paid_time: day + 4,
        payment: null,
        line_items: [item('a', { product_name: '100% cotton_tee' }), item('b', { product_name: 'Mug \\ cup' })],
      }),
    ],
  });
  await room.page({
    runId,
    shop: otherShop,
    records: [order('3', { status: 'DONE', create_time: day + 4, update_time: day + 10, ...money('-1.5') })],
  });
  return room;
}

test('each filter, and several of them together', async () => {
  await using room = await fourOrders();
  const found = async (filter: NonNullable<Params<'orders.list'>['filter']>) =>
    ids(room, { filter, sort: 'createTime' });
  expect(await found({})).toEqual(['100', '1001', '2', '3']);
  expect(await found({ shop: otherShop })).toEqual(['3']);
  expect(await found({ status: ['DONE', 'UNPAID'] })).toEqual(['100', '2', '3']);
  expect(await found({ status: ['NONE'] })).toEqual([]);
  expect(await found({ createdFrom: day + 2 })).toEqual(['1001', '2', '3']);
  expect(await found({ createdTo: day + 2 })).toEqual(['100']);
  expect(await found({ updatedFrom: day + 30 })).toEqual(['100', '1001']);
  expect(await found({ updatedTo: '2026-09-21T14:13:50Z' })).toEqual(['2', '3']);
  expect(await found({ query: '00' })).toEqual(['100', '1001', '2']);
  expect(await found({ shop, status: ['DONE'], createdFrom: day, query: 'COTTON' })).toEqual(['2']);
});

test('what stands for anything in LIKE stands for itself here', async () => {
  await using room = await fourOrders();
  const found = async (query: string) => ids(room, { filter: { query } });
  expect(await found('0%')).toEqual(['2']);
  expect(await found('n_t')).toEqual(['2']);
  expect(await found('g \\ c')).toEqual(['2']);
  expect(await found('%')).toEqual(['2']);
  expect(await found('1_0')).toEqual([]);
  expect(await found(`' or 1 --`)).toEqual([]);
});

test('each sort, both ways', async () => {
  await using room = await fourOrders();
  const sorted = {
    createTime: ['100', '1001', '2', '3'],
    updateTime: ['3', '2', '1001', '100'],
    totalAmount: ['3', '2', '100', '1001'],
    id: ['100', '1001', '2', '3'],
  } as const;
  expect(await ids(room)).toEqual(sorted.updateTime.toReversed());
  for (const sort of ['createTime', 'updateTime', 'totalAmount', 'id'] as const) {
    expect(await ids(room, { sort })).toEqual(sorted[sort]);
    expect(await ids(room, { sort: `-${sort}` })).toEqual(sorted[sort].toReversed());
    const first = await list(room, { sort, limit: 3 });
    expect(first.nextCursor).not.toBeNull();
    const rest = await list(room, { sort, limit: 3, ...(first.nextCursor !== null && { cursor: first.nextCursor }) });
    expect([...first.orders, ...rest.orders].map((o) => o.id)).toEqual(sorted[sort]);
    expect(rest.nextCursor).toBeNull();
  }
});

test('rows as clients see them', async () => {
  await using room = await fourOrders();
  const { orders } = await list(room, { sort: 'id', filter: { query: '2' } });
  expect(orders).toEqual([
    {
      shop,
      id: '2',
      status: 'DONE',
      createTime: '2026-09-21T14:13:23.000Z',
      updateTime: '2026-09-21T14:13:40.000Z',
      paidTime: '2026-09-21T14:13:24.000Z',
      currency: null,
      totalAmount: null,
      itemCount: 2,
    },
  ]);
  expect((await list(room, { limit: 1, sort: 'totalAmount' })).orders[0]).toMatchObject({
    totalAmount: '-1.5',
    paidTime: null,
  });
});

const sorts = fc.constantFrom('createTime', '-updateTime', 'totalAmount', '-totalAmount', '-id', 'updateTime');

test('paging neither skips nor repeats an order that stays as it is, whatever happens to the others', async () => {
  let n = 0;
  await using room = await Room.open();
  const { runId } = await room.begin();
  let asked = 1;
  const put = (id: string, key: number, in_: string) =>
    room.page({
      runId,
      shop: in_,
      asked: asked++,
      records: [
        order(id, {
          create_time: key,
          update_time: key + asked * 1000,
          status: `S${key}`,
          payment: { currency: 'GBP', total_amount: `${key}.5` },
        }),
      ],
    });
  const key = fc.nat(4);
  await fc.assert(
    fc.asyncProperty(
      fc.array(key, { minLength: 4, maxLength: 14 }),
      fc.array(fc.record({ key, gone: fc.boolean() }), { maxLength: 6 }),
      sorts,
      fc.integer({ min: 1, max: 4 }),
      async (stays, changes, sort, limit) => {
        const inShop = `shop${n++}`;
        for (const [i, k] of stays.entries()) await put(`stays${i}`, k, inShop);
        for (const [i] of changes.entries()) await put(`moves${i}`, 2, inShop);
        const seen: string[] = [];
        let cursor: string | null | undefined;
        for (let pages = 0; cursor !== null; pages++) {
          const answer = await list(room, {
            filter: { shop: inShop },
            sort,
            limit,
            ...(cursor !== undefined && { cursor }),
          });
          seen.push(...answer.orders.map((o) => o.id).filter((id) => id.startsWith('stays')));
          cursor = answer.nextCursor;
          const change = changes[pages];
          if (change?.gone === true)
            await room.sql(`delete from orders where shop_id = '${inShop}' and id = 'moves${pages}'`);
          else if (change !== undefined) await put(`moves${pages}`, change.key, inShop);
        }
        expect(seen.toSorted()).toEqual(stays.map((_, i) => `stays${i}`).toSorted());
      },
    ),
    { numRuns: 40 },
  );
});

test('a cursor that is not from here, or from another sort, is refused', async () => {
  await using room = await fourOrders();
  const cursor = (await list(room, { limit: 1, sort: 'id' })).nextCursor ?? '';
  expect(await ids(room, { cursor, sort: 'id' })).toEqual(['1001', '2', '3']);
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const foreign = [
    '',
    'x',
    '{}',
    encode({}),
    encode([1, 'a']),
    encode([null, 'a', 'b']),
    encode(['id', null, 'a', 'b']),
  ];
  for (const other of foreign)
    await expect(list(room, { cursor: other }), other).rejects.toMatchObject({
      class: 'usage',
      code: 'invalid_params',
    });
  for (const sort of ['-id', 'createTime', '-totalAmount'] as const)
    await expect(list(room, { cursor, sort }), sort).rejects.toMatchObject({ code: 'invalid_params' });
});

test('one order with its items, its history and its payload', async () => {
  await using room = await fourOrders();
  const { runId } = await room.begin();
  await room.page({
    runId,
    asked: 2,
    records: [order('2', { status: 'GONE', update_time: day + 99, extra: { deep: [1] } })],
  });
  const found = await room.store.query(getOrder, { id: '2' });
  expect(found).toMatchObject({
    id: '2',
    status: 'GONE',
    firstSeenAt: '2026-09-21T14:13:20.000Z',
    runId,
    lineItems: [{ id: '21', productName: 'Tee', salePrice: '12.50' }],
    events: [
      { status: 'DONE', updateTime: '2026-09-21T14:13:40.000Z' },
      { status: 'GONE', updateTime: '2026-09-21T14:14:59.000Z', runId },
    ],
    payload: { extra: { deep: [1] } },
  });
  expect(methods['orders.get'].result.parse(found)).toEqual(found);
  expect(await room.store.query(getOrder, { id: '3', shop: otherShop })).toMatchObject({ shop: otherShop });
});

test('an order that is not stored, or not in that shop, is unknown', async () => {
  await using room = await fourOrders();
  for (const params of [{ id: '4' }, { id: '2', shop: otherShop }, { id: '10%' }])
    await expect(room.store.query(getOrder, params)).rejects.toMatchObject({ class: 'usage', code: 'unknown_order' });
});
