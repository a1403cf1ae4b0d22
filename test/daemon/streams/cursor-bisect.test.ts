import fc from 'fast-check';
import { expect, test } from 'vitest';

import { day } from '../store/wire.ts';
import { OrderWorld } from './order-world.ts';

const window = { from: day, to: day + 10_000 };
const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1);

test('T8: an API that ignores the sort is read by halving, oldest part first, and that is told', async () => {
  const world = new OrderWorld();
  world.add(450, (n) => ({ update_time: day + ((n * 7919) % 10_000) }));
  world.compare = byId;
  const { ids, covered, pages } = await world.read(window);
  expect(new Set(ids).size).toBe(450);
  expect(covered).toEqual([window]);
  expect(world.oddities).toEqual(['unsorted page']);
  // Seen on the first page: the second request is the first of the halving, the third asks a half.
  expect(world.searches.slice(0, 3).map(({ updateTo }) => updateTo - day)).toEqual([10_000, 10_000, 5000]);
  const ends = pages.flatMap((page) => page.coveredTo ?? []);
  expect(ends.length).toBeGreaterThan(4);
  expect(ends).toEqual(ends.toSorted((a, b) => a - b));
});

test('an API that stops sorting after the proof is noticed at the page where it does', async () => {
  const world = new OrderWorld();
  world.add(450, (n) => ({ update_time: day + ((n * 7919) % 10_000) }));
  world.compare = (a, b) => (world.searches.length > 3 ? byId(a, b) : a.update_time - b.update_time);
  const { ids, covered } = await world.read(window);
  expect(new Set(ids).size).toBe(450);
  expect(covered).toEqual([window]);
  expect(world.oddities).toEqual(['unsorted page']);
});

test('F5: a sort that is right by luck fails its proof, and halving finds what the cursor would have jumped over', async () => {
  const world = new OrderWorld();
  // The first page by create_time happens to ascend, and its last order was changed long after.
  world.add(400, (n) => ({ create_time: day - 1000 + n, update_time: n === 99 ? day + 9000 : day + n * 10 }));
  world.compare = (a, b) => a.create_time - b.create_time;
  const { ids, covered } = await world.read(window);
  expect(new Set(ids).size).toBe(400);
  expect(covered).toEqual([window]);
  expect(world.oddities).toEqual(['unsorted page']);
});

test('rule 2: whatever the order in which an API shows them, every order is read', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(40), { minLength: 150, maxLength: 400 }),
      fc.array(fc.nat(1_000_000), { minLength: 400, maxLength: 400 }),
      async (times, ranks) => {
        const world = new OrderWorld();
        world.add(times.length, (n) => ({
          update_time: day + (times[n] ?? 0) * 3,
          create_time: day - (ranks[n] ?? 0),
          n,
        }));
        world.compare = (a, b) => (ranks[Number(a['n'])] ?? 0) - (ranks[Number(b['n'])] ?? 0) || byId(a, b);
        const { ids, covered } = await world.read({ from: day, to: day + 200 });
        expect(new Set(ids).size).toBe(times.length);
        expect(covered).toEqual([{ from: day, to: day + 200 }]);
      },
    ),
    { numRuns: 40 },
  );
});

test('an unsorted second that holds more than a page is read too', async () => {
  const world = new OrderWorld();
  world.add(300, (n) => ({ update_time: day + (n < 250 ? 5 : n), create_time: day - ((n * 31) % 300) }));
  world.compare = (a, b) => (a.id < b.id ? 1 : -1);
  const { ids, covered } = await world.read(window);
  expect(new Set(ids).size).toBe(300);
  expect(covered).toEqual([window]);
});

test('an API that ignores sort and filter is an error by name, not a thousand requests', async () => {
  const world = new OrderWorld();
  world.add(400, (n) => ({ update_time: day + ((n * 7919) % 10_000) }));
  world.compare = byId;
  world.matches = () => true;
  await expect(world.read(window)).rejects.toMatchObject({ class: expect.stringMatching(/configuration|transient/) });
  expect(world.searches.length).toBeLessThan(10);
});
