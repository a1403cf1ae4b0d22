import { describe, expect, it } from 'vitest';

import {
  type Place,
  type Step,
  covers,
  placeParams,
  placeWords,
  placesOf,
  stepped,
  stillThere,
} from '../../tui/place.ts';
import { status, stream } from './samples.ts';
import { manyShops } from './shops.ts';

const two = manyShops(2, {}, ['orders', 'returns']);
const [a, b] = ['7490000000000000000', '7490000000000000001'];
const walk = (...steps: readonly Step[]): Place | null =>
  steps.reduce<Place | null>((place, step) => stepped(two, place, step), null);

describe('stepped', () => {
  it('goes down through shops and streams, stays at the end, and comes back to everything', () => {
    const down = Array.from({ length: 8 }, (_, many) => walk(...Array.from({ length: many }, () => 'down' as const)));
    expect(down).toEqual([
      null,
      { shop: a, stream: null },
      { shop: a, stream: 'orders' },
      { shop: a, stream: 'returns' },
      { shop: b, stream: null },
      { shop: b, stream: 'orders' },
      { shop: b, stream: 'returns' },
      { shop: b, stream: 'returns' },
    ]);
    expect(walk('down', 'down', 'up', 'up', 'up')).toBe(null);
  });

  it('goes from shop to shop', () => {
    expect(walk('shopAfter', 'shopAfter', 'shopAfter')).toEqual({ shop: b, stream: null });
    expect(walk('shopAfter', 'shopAfter', 'down', 'shopBefore')).toEqual({ shop: b, stream: null });
    expect(walk('shopAfter', 'shopAfter', 'shopBefore')).toEqual({ shop: a, stream: null });
    expect(walk('shopAfter', 'shopBefore')).toBe(null);
  });

  it('knows only streams where there is one shop', () => {
    const one = status({ streams: [stream(), stream({ stream: 'products' })] });
    expect(placesOf(one).map((place) => place.stream)).toEqual(['orders', 'products']);
    expect(placeWords(one, stepped(one, null, 'down'))).toBe('orders');
  });
});

it('a place covers its own streams, and is gone with them', () => {
  const shop = { shop: b ?? '', stream: null };
  expect(two.streams.filter((one) => covers(shop, one)).map((one) => one.shop)).toEqual([b, b]);
  expect(two.streams.filter((one) => covers(null, one))).toHaveLength(4);
  expect(stillThere(two, shop)).toBe(shop);
  expect(stillThere(status(), shop)).toBe(null);
});

it.each([
  [null, {}, 'all streams of 2 shops'],
  [{ shop: a ?? '', stream: null }, { shop: a }, 'all streams of Sandbox Company Europe A'],
  [{ shop: b ?? '', stream: 'returns' }, { shop: b, stream: 'returns' }, 'returns of Sandbox Company Europe B'],
] as const)('%j is %j and %s', (place, params, words) => {
  expect(placeParams(place)).toEqual(params);
  expect(placeWords(two, place)).toBe(words);
});
