import { expect, test } from 'vitest';

import { documentedProduct, toProduct } from '../../../daemon/streams/product-record.ts';
import { sampleOf } from './samples.ts';

const wire = { id: '1', title: 'A', status: 'ACTIVATE', create_time: 5, update_time: 9, skus: [] };
const recordOf = (raw: unknown) => {
  const result = toProduct(raw);
  if ('rejected' in result) throw new Error(result.rejected.reason);
  return result.record;
};

test('a product of the recorded search', () => {
  const [product] = sampleOf('products-search-202502', 'products');
  const { payload, shape, ...record } = recordOf(product);
  expect(record).toEqual({
    id: '1729580000000000001',
    status: 'ACTIVATE',
    title: 'Áo thun mẫu',
    createTime: 1_763_000_000,
    updateTime: 1_763_990_000,
    skus: [
      { id: '1729580000000000011', sellerSku: '', price: '210000', currency: 'VND', quantity: 12 },
      { id: '1729580000000000012', sellerSku: 'AO-XL', price: '215000', currency: 'VND', quantity: 0 },
    ],
  });
  expect(JSON.parse(payload)).toEqual(product);
  // Nothing that was recorded is news.
  expect(
    (shape?.() ?? []).map((part) => part.replace(/:\w+$/, '')).filter((part) => !documentedProduct.has(part)),
  ).toEqual([]);
});

test('prices keep every digit, quantities are summed over the warehouses, and what is missing is null', () => {
  const { skus } = recordOf({
    ...wire,
    skus: [
      {
        id: 'a',
        price: { currency: 'GBP', tax_exclusive_price: '0.10' },
        inventory: [{ quantity: 3 }, { quantity: 4 }],
      },
      { id: 'b', price: { currency: 'USD', tax_exclusive_price: '19.999999999999999999' }, inventory: [{}] },
      { id: 'c', inventory: [{ quantity: 0 }, {}] },
      { id: 'd' },
    ],
  });
  expect(skus).toEqual([
    { id: 'a', sellerSku: null, price: '0.10', currency: 'GBP', quantity: 7 },
    { id: 'b', sellerSku: null, price: '19.999999999999999999', currency: 'USD', quantity: null },
    { id: 'c', sellerSku: null, price: null, currency: null, quantity: 0 },
    { id: 'd', sellerSku: null, price: null, currency: null, quantity: null },
  ]);
});

test('Indonesia: a product without a status, or with one that nobody knows, is a product', () => {
  const { status: _, ...unlisted } = wire;
  expect(recordOf(unlisted).status).toBeNull();
  expect(recordOf({ ...wire, status: 'ON_THE_MOON' }).status).toBe('ON_THE_MOON');
  expect(recordOf({ ...wire, skus: undefined }).skus).toEqual([]);
});

test.each([
  ['an id that is missing', { ...wire, id: undefined }, null],
  ['an id that is a number', { ...wire, id: 7 }, null],
  ['no time', { ...wire, update_time: undefined }, '1'],
  ['a SKU without an id', { ...wire, skus: [{ seller_sku: 'x' }] }, '1'],
  ['no object', 'gone', null],
])('rule 4: %s cannot be stored', (_, raw, recordId) => {
  expect(toProduct(raw)).toMatchObject({ rejected: { recordId, payload: JSON.stringify(raw) } });
});
