import fc from 'fast-check';
import { expect, test } from 'vitest';

import { products } from '../../../daemon/streams/products.ts';
import { coverable } from '../../../daemon/sync/plan.ts';
import { ProductWorld, type WireProduct } from './product-world.ts';

const policy = { settle: 60, overlap: 300 };
const strip = policy.settle + policy.overlap;
const size = 4;

/** A hash that puts a product somewhere else with each change, as a search that ranks does. */
const place = ({ id, title }: WireProduct): number => (Number(id.slice(1)) * 7919 + title.length * 104_729) % 1009;

/** Reads as a run would, and says which products are not stored although what is covered by then holds them. */
async function missedIn(world: ProductWorld, from: number): Promise<readonly string[]> {
  const stored = new Map<string, number>();
  const covered: { readonly from: number; readonly to: number }[] = [];
  const window = { from, to: Math.floor(world.now) + 2 };
  for await (const page of products.read(window, world.context({ pageSize: () => size }))) {
    for (const { id, updateTime } of page.records) stored.set(id, Math.max(updateTime, stored.get(id) ?? 0));
    const read = page.coveredTo === undefined ? null : { from: page.from, to: page.coveredTo };
    const span = read && coverable(read, page.sentAt, policy);
    if (span) covered.push(span);
  }
  // None can have come into what is covered after it was asked for: whatever lies there now, lay there all the while.
  return world.products
    .filter(({ update_time: time }) => covered.some((span) => span.from <= time && time < span.to))
    .filter(({ id, update_time: time }) => (stored.get(id) ?? 0) < time)
    .map(({ id }) => id);
}

/** What happens before a request: so many seconds pass, and products change; each shows at once or late. */
const change = fc.record({ which: fc.nat(99), late: fc.nat(strip), moves: fc.boolean() });
const changes = fc.oneof(
  { weight: 4, arbitrary: fc.constant([]) },
  { weight: 1, arbitrary: fc.array(change, { minLength: 1, maxLength: 4 }) },
);
const step = fc.record({ seconds: fc.nat(3), changes });
const life = fc.record({
  ages: fc.array(fc.oneof(fc.integer({ min: 1, max: 2000 }), fc.integer({ min: 1, max: 500_000 })), {
    minLength: 5,
    maxLength: 40,
  }),
  steps: fc.infiniteStream(step),
  ranked: fc.boolean(),
});

test('rule 2: whatever changes between the pages, what is covered is stored', async () => {
  let covering = 0;
  await fc.assert(
    fc.asyncProperty(life, async ({ ages, steps, ranked }) => {
      const world = new ProductWorld();
      world.add(ages.length, (n) => ({ update_time: world.now - (ages[n] ?? 1) }));
      if (ranked) world.compare = (a, b) => place(a) - place(b);
      world.before = (n) => {
        const { seconds, changes: some } = steps.next().value ?? { seconds: 0, changes: [] };
        world.now += seconds;
        for (const { which, late, moves } of n > 60 ? [] : some) {
          const product = world.products[which % ages.length];
          if (product === undefined) continue;
          // Edits that leave update_time alone still move it to another place of the list.
          const time = moves ? Math.max(product.update_time, world.now - late) : product.update_time;
          world.change(which % ages.length, { update_time: time, title: `${product.title}+` });
        }
      };
      expect(await missedIn(world, world.now - 300_000)).toEqual([]);
      covering += 1;
    }),
    { numRuns: 1000, seed: 20_261_122 },
  );
  expect(covering).toBe(1000);
});

test('rule 2: one leaves for each that enters, so that the count stays: none is skipped', async () => {
  const world = new ProductWorld();
  world.add(8, (n) => ({ update_time: world.now - 2000 + n }));
  world.before = (n) => {
    if (n !== 2) return;
    // A change of five minutes ago shows now, at the end of the list, and the first of the list is changed.
    world.add(1, () => ({ update_time: world.now - 300 }));
    world.change(0, { update_time: world.now + 5 });
  };
  expect(await missedIn(world, world.now - 300_000)).toEqual([]);
  // Walked by tokens it would have been: five searches at least are parts.
  expect(world.searches.filter(({ token }) => token !== undefined)).toEqual([]);
});

test('what is old is walked, what is young is parted to single pages', async () => {
  const world = new ProductWorld();
  world.add(40, (n) => ({ update_time: world.now - 200_000 + n * 10 }));
  world.add(40, (n) => ({ update_time: world.now - 80_000 + n * 100 }));
  expect(await missedIn(world, world.now - 300_000)).toEqual([]);
  const boundary = world.now - 90_000;
  const walked = world.searches.filter(({ token }) => token !== undefined);
  expect(walked).toHaveLength(9);
  expect(walked.every(({ update_time_le: le }) => le < boundary)).toBe(true);
  expect(world.searches.length).toBeLessThan(60);
});
