import { describe, expect, test } from 'vitest';

import { products } from '../../../daemon/streams/products.ts';
import { coveredBy } from './order-world.ts';
import { ProductWorld } from './product-world.ts';

const day = 86_400;
const old = 1_799_000_000;
const window = { from: old, to: old + 100_000 };
const times = (searches: ProductWorld['searches']) =>
  searches.map(({ update_time_ge: ge, update_time_le: le, token }) => [ge, le, token]);

function worldOf(count: number, timeOf: (n: number) => number = (n) => old + n): ProductWorld {
  const world = new ProductWorld();
  world.add(count, (n) => ({ update_time: timeOf(n) }));
  return world;
}

describe('a window that is old', () => {
  test('T7: both ends are sent as inclusive, and one page that brings all covers it', async () => {
    const world = worldOf(3, (n) => [old - 1, old, old + 100_000][n] ?? 0);
    world.add(1, () => ({ update_time: old + 99_999 }));
    const { pages, ids } = await world.read(window);
    expect(ids).toEqual(['p00001', 'p00003']);
    expect(times(world.searches)).toEqual([[old, old + 99_999, undefined]]);
    expect(coveredBy(pages)).toEqual([window]);
  });

  test('a list of some pages is walked by its tokens, and covered by its last page alone', async () => {
    const world = worldOf(250);
    const { pages, ids } = await world.read(window);
    expect(new Set(ids).size).toBe(250);
    expect(pages.map((page) => [page.coveredTo, page.remaining, page.pinned])).toEqual([
      [undefined, 150, true],
      [undefined, 50, true],
      [window.to, 0, undefined],
    ]);
    expect(pages.at(-1)?.before?.size).toBe(200);
    expect(world.oddities).toEqual([]);
  });

  test('an end marked by no token at all is an end as well', async () => {
    const world = worldOf(150);
    world.bend = ({ next_page_token: token, ...data }) => ({ ...data, ...(token && { next_page_token: token }) });
    const { pages, ids } = await world.read(window);
    expect(ids).toHaveLength(150);
    expect(coveredBy(pages)).toEqual([window]);
  });

  test('fewer than counted come, because one left: the walk stops there, and the next one covers', async () => {
    const world = worldOf(250);
    world.before = (n) => {
      if (n === 2) world.change(3, { update_time: world.now });
    };
    const { pages, ids } = await world.read(window);
    // Product 100 had moved to the page already read.
    expect(ids).toContain('p00100');
    expect(world.searches).toHaveLength(5);
    expect(coveredBy(pages)).toEqual([window]);
    expect(world.oddities).toEqual([`list not whole: 200 of 250 products came from ${window.from} to ${window.to}`]);
  });

  test('one whose order is never the same comes whole by parts of one page', async () => {
    const world = worldOf(400, (n) => old + n * 200);
    let draw = 1;
    // Every answer in another order, like a search that ranks.
    world.bend = (data) => data;
    world.compare = (a, b) => {
      const rank = (id: string) => (Number(id.slice(1)) * 7919 * draw) % 1009;
      return rank(a.id) - rank(b.id);
    };
    world.before = (n) => (draw = n + 1);
    const { pages, ids } = await world.read(window);
    expect(new Set(ids).size).toBe(400);
    expect(coveredBy(pages)).toEqual([window]);
    expect(world.oddities.length).toBeGreaterThan(0);
  });

  test('a token that goes bad in the middle begins the walk anew', async () => {
    const world = worldOf(250);
    world.bend = (data, { token }, n) =>
      n === 1 && token === undefined ? { ...data, next_page_token: 'offset+bad' } : data;
    const { pages, ids } = await world.read(window);
    expect(new Set(ids).size).toBe(250);
    expect(coveredBy(pages)).toEqual([window]);
    expect(world.oddities).toHaveLength(1);
  });

  test.each([
    ['a token that repeats', 'offset+100'],
    ['a token of the page before', 'offset+0'],
  ])('%s ends the walk: the window is read in parts', async (_, token) => {
    const world = worldOf(250, (n) => old + n * 300);
    world.bend = (data, search) => (search.token === undefined ? data : { ...data, next_page_token: token });
    const { pages, ids } = await world.read(window);
    expect(new Set(ids).size).toBe(250);
    expect(coveredBy(pages)).toEqual([window]);
    expect(world.searches.length).toBeLessThan(20);
  });

  test('a token with an empty page, again and again, is an error by name', async () => {
    const world = worldOf(250);
    world.bend = (data, { token }) => (token === undefined ? data : { ...data, products: [], next_page_token: 'more' });
    const { pages, error } = await world.read(window);
    expect(error).toMatchObject({
      class: 'transient',
      message: 'the API sent 0 of 250 products and no way to the rest',
    });
    expect(coveredBy(pages)).toEqual([]);
    expect(world.searches).toHaveLength(4);
  });

  test('a page without its list is asked again, and nothing is covered while it stays so', async () => {
    const world = worldOf(50);
    world.bend = (data, _, n) => (n < 3 ? { total_count: 50 } : data);
    expect(coveredBy((await world.read(window)).pages)).toEqual([window]);
    world.bend = () => ({ total_count: 50 });
    const { error, pages } = await world.read(window);
    expect(error).toMatchObject({ message: 'the API sent 0 of 50 products and no way to the rest' });
    expect(pages).toEqual([]);
  });

  test('a product twice in one page does not stand for one that is missing', async () => {
    const world = worldOf(5);
    world.bend = (data, _, n) => (n > 1 ? data : { ...data, products: [0, 1, 2, 2, 3].map((i) => world.products[i]) });
    const { pages, ids } = await world.read(window);
    expect(ids).toContain('p00004');
    expect(coveredBy(pages)).toEqual([window]);
    expect(world.oddities).toHaveLength(1);
  });

  test('rule 4: products without an id are set aside, and cover as well', async () => {
    const world = worldOf(250);
    world.bend = ({ products: list = [], ...data }) => ({
      ...data,
      products: list.map((one, i) => (i < 2 ? {} : one)),
    });
    const { pages, ids } = await world.read(window);
    expect(ids).toHaveLength(244);
    expect(pages.flatMap(({ rejected }) => rejected)).not.toEqual([]);
    expect(coveredBy(pages)).toEqual([window]);
  });

  test('an ignored filter is an error by name', async () => {
    const world = worldOf(50, (n) => old - 5 * day + n);
    world.matches = () => true;
    const { error, pages } = await world.read(window);
    expect(error).toMatchObject({
      class: 'configuration',
      message: expect.stringContaining('ignores the filter on update_time'),
    });
    expect(pages).toEqual([]);
  });

  test('one that is changed between the search and its answer counts, and is stored as it is now', async () => {
    const world = worldOf(50);
    world.bend = ({ products: list = [], ...data }) => ({
      ...data,
      products: list.map((one, i) => (i === 0 ? { ...world.products[0], update_time: world.now - 2 } : one)),
    });
    const { pages, ids } = await world.read(window);
    expect(ids).toContain('p00000');
    expect(coveredBy(pages)).toEqual([window]);
  });

  test('the window shrinks while it is read: what lies behind its end is left to others', async () => {
    const world = worldOf(2500, (n) => old + n * 40);
    let to = window.to;
    world.before = (n) => {
      if (n === 3) to = old + 30_000;
    };
    const { pages } = await world.read({
      from: old,
      get to() {
        return to;
      },
    });
    const [span] = coveredBy(pages);
    expect(span?.from).toBe(old);
    expect(span?.to).toBeGreaterThanOrEqual(30_000 + old);
    const later = world.searches.slice(3).filter(({ update_time_ge: ge }) => ge >= old + 30_000);
    expect(later).toEqual([]);
  });
});

describe('what no list tells', () => {
  test('more hits than the API lists are no page, but a number to part by', async () => {
    const world = worldOf(12_000, (n) => old + n * 8);
    const { pages, ids, error } = await world.read(window);
    expect(error).toBeUndefined();
    expect(pages[0]).toMatchObject({ records: [], remaining: 10_001 });
    expect(ids).toHaveLength(12_000);
    expect(coveredBy(pages)).toEqual([window]);
    expect(world.searches.length).toBeLessThan(12_000 / 100 + 50);
  });
});

describe('counting', () => {
  test('is one request, and goes in parts where there are more than the API lists', async () => {
    const world = worldOf(500);
    expect(await products.count(window, world.context())).toBe(500);
    expect(world.searches).toHaveLength(1);
    world.add(14_000, (n) => ({ update_time: old + n }));
    expect(await products.count(window, world.context())).toBe(14_500);
    world.products = [];
    world.add(12_000, () => ({ update_time: old }));
    expect(await products.count({ from: old, to: old + 1 }, world.context())).toBe(10_001);
  });
});
