import { expect, test } from 'vitest';

import { products } from '../../../daemon/streams/products.ts';
import { ProductWorld } from './product-world.ts';
import { pagesOf } from './shop-over.ts';

const old = 1_799_000_000;

function worldOf(count: number): ProductWorld {
  const world = new ProductWorld();
  world.add(count, () => ({ update_time: old }));
  return world;
}

test('by id: the detail tells the second, the search the product', async () => {
  const world = worldOf(300);
  world.change(200, { create_time: 1_700_000_005 });
  const [page] = await pagesOf(products.readIds(['p00200'], world.context()));
  expect(page?.records).toMatchObject([{ id: 'p00200', updateTime: old }]);
  expect(page?.coveredTo).toBeUndefined();
  expect(world.searches).toMatchObject([{ update_time_ge: old, update_time_le: old, create_time_le: 1_700_000_005 }]);
});

test('by id: what does not exist is absent, frozen and deleted ones too; what cannot be read is set aside', async () => {
  const world = worldOf(3);
  world.change(1, { status: 'DELETED' });
  const absent = await pagesOf(products.readIds(['p00001', 'nobody'], world.context()));
  expect(absent.map((page) => [page.records, page.absent])).toEqual([
    [[], ['p00001']],
    [[], ['nobody']],
  ]);
  world.bend = (data) => ({ ...data, total_count: 1, products: [{ id: 'p00002', skus: 'none' }] });
  const [page] = await pagesOf(products.readIds(['p00002'], world.context()));
  expect(page?.rejected).toMatchObject([{ recordId: 'p00002' }]);
});

test('by id: one that the search does not show yet is neither found nor absent', async () => {
  const world = worldOf(1);
  world.bend = () => ({ total_count: 0 });
  expect(await pagesOf(products.readIds(['p00000'], world.context()))).toEqual([]);
});
