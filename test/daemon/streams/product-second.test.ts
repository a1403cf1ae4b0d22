import { expect, test } from 'vitest';

import { UnreadSecond } from '../../../daemon/streams/stream.ts';
import { coveredBy } from './order-world.ts';
import { ProductWorld } from './product-world.ts';

const old = 1_799_000_000;
const window = { from: old, to: old + 100_000 };

test('a second of 11,000 is parted by create_time', async () => {
  const world = new ProductWorld();
  world.add(11_000, (n) => ({ update_time: old + 7, create_time: 1_600_000_000 + n * 15_000 }));
  world.add(2, (n) => ({ update_time: old + 6 + n * 2 }));
  const { pages, ids, error } = await world.read(window);
  expect(error).toBeUndefined();
  expect(new Set(ids).size).toBe(11_002);
  expect(coveredBy(pages)).toEqual([window]);
  expect(world.searches.length).toBeLessThan(11_002 / 100 + 110);
});

test('9,000 of one second of creation as well are walked; 11,000 are left out by name, and the rest is read', async () => {
  const world = new ProductWorld();
  world.add(9000, () => ({ update_time: old + 7 }));
  const walked = await world.read({ from: old, to: old + 10 });
  expect(new Set(walked.ids).size).toBe(9000);
  expect(coveredBy(walked.pages)).toEqual([{ from: old, to: old + 10 }]);
  world.add(2000, () => ({ update_time: old + 7 }));
  const { pages, error } = await world.read({ from: old, to: old + 10 });
  expect(error).toBeInstanceOf(UnreadSecond);
  expect(error).toMatchObject({ class: 'transient', second: old + 7 });
  expect(coveredBy(pages)).toEqual([{ from: old, to: old + 7 }]);
  expect(coveredBy((await world.read({ from: old + 8, to: old + 10 })).pages)).toEqual([
    { from: old + 8, to: old + 10 },
  ]);
});

test('a second is no better read than at its first answer', async () => {
  const world = new ProductWorld();
  world.add(300, (n) => ({ update_time: world.now - 400, create_time: 1_600_000_000 + n * 100_000 }));
  const began = world.now;
  world.before = () => (world.now += 1);
  const { pages } = await world.read({ from: began - 400, to: began - 399 });
  expect(pages.at(-1)).toMatchObject({ coveredTo: began - 399, sentAt: began + 1 });
});
