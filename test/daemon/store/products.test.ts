import { expect, test } from 'vitest';

import { streamCounts } from '../../../daemon/store/pending.ts';
import { productTable } from '../../../daemon/store/products.ts';
import { pagesInto, product, sku } from './records.ts';
import { Room, shop } from './room.ts';
import { day } from './wire.ts';

const skusOf = (room: Room) =>
  room.rows(`select product_id || '/' || id as sku, price, quantity from product_skus order by 1`);

test('the SKUs of a product are those of its newest version: prices as text, what is gone goes', async () => {
  await using room = await Room.open();
  const { put } = await pagesInto(room, 'products', productTable);
  await put([product('p', { skus: [sku('a', { price: '0.10' }), sku('b', { price: '19.999999999999999999' })] })]);
  expect(await skusOf(room)).toEqual([
    { sku: 'p/a', price: '0.10', quantity: 3 },
    { sku: 'p/b', price: '19.999999999999999999', quantity: 3 },
  ]);
  await put([product('p', { updateTime: day + 1, skus: [sku('b', { price: '20', quantity: null }), sku('c')] })]);
  expect(await skusOf(room)).toEqual([
    { sku: 'p/b', price: '20', quantity: null },
    { sku: 'p/c', price: '12.50', quantity: 3 },
  ]);
  expect(await room.rows('select sku_count from products')).toEqual([{ sku_count: 2 }]);
  // An older answer that is late changes neither.
  await put([product('p', { skus: [sku('a')] })], { asked: 0 });
  expect((await skusOf(room)).map((one) => one['sku'])).toEqual(['p/b', 'p/c']);
  await put([product('p', { updateTime: day + 2 })]);
  expect(await skusOf(room)).toEqual([]);
});

test('a SKU that moves to another product is there once, whichever of the two comes first, or both', async () => {
  const before = [product('p', { skus: [sku('a'), sku('b')] }), product('q', { skus: [sku('c')] })];
  const p = product('p', { updateTime: day + 1, skus: [sku('b')] });
  const q = product('q', { updateTime: day + 1, skus: [sku('a'), sku('c')] });
  for (const pages of [[[p], [q]], [[q], [p]], [[p, q]], [[q, p]]]) {
    await using room = await Room.open();
    const { put } = await pagesInto(room, 'products', productTable);
    await put(before);
    for (const page of pages) await put(page);
    expect((await skusOf(room)).map((one) => one['sku'])).toEqual(['p/b', 'q/a', 'q/c']);
  }
});

test('a product with more SKUs than a statement takes rows', async () => {
  await using room = await Room.open();
  const { put } = await pagesInto(room, 'products', productTable);
  const many = Array.from({ length: 301 }, (_, n) => sku(`s${n}`));
  await put([product('p', { skus: many }), product('q', { skus: [sku('t')] })]);
  expect(await skusOf(room)).toHaveLength(302);
  await put([product('p', { updateTime: day + 1, skus: many.slice(0, 70) })]);
  expect(await skusOf(room)).toHaveLength(71);
});

test('products of two shops that share an id keep their own SKUs', async () => {
  await using room = await Room.open();
  const { put } = await pagesInto(room, 'products', productTable);
  await put([product('p', { skus: [sku('a')] })]);
  await put([product('p', { skus: [sku('a', { price: '1' })] })], { shop: 'other' });
  await put([product('p', { updateTime: day + 1 })], { shop: 'other' });
  expect(await room.rows('select shop_id, price from product_skus')).toEqual([{ shop_id: shop, price: '12.50' }]);
});

test('Indonesia: a product without a status has none, and is counted as not listed', async () => {
  await using room = await Room.open();
  const { put } = await pagesInto(room, 'products', productTable);
  await put([product('p', { status: null }), product('q'), product('r', { status: 'DELETED' })]);
  expect(await room.rows(`select status from products where id = 'p'`)).toEqual([{ status: null }]);
  expect(await room.store.query(streamCounts, shop, 'products')).toMatchObject({
    total: 3,
    byStatus: { ACTIVATE: 1, DELETED: 1, UNLISTED: 1 },
  });
  await put([product('p', { updateTime: day + 1 })]);
  expect(await room.store.query(streamCounts, shop, 'products')).toMatchObject({
    total: 3,
    byStatus: { ACTIVATE: 2, DELETED: 1 },
  });
});
