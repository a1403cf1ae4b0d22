import { expect, test } from 'vitest';

import { orders } from '../../../daemon/streams/orders.ts';
import { products } from '../../../daemon/streams/products.ts';
import type { Stream } from '../../../daemon/streams/stream.ts';
import type { World } from '../../sandbox/world/world.ts';
import { contextOf, pagesOf, roomFor, shopOver } from './shop-over.ts';

const edgesOf = (last: number): readonly number[] => Array.from({ length: 51 }, (_, i) => last - (50 - i) * 97);

interface Edged {
  readonly name: 'orders' | 'products';
  readonly stream: Stream<unknown>;
  readonly add: (world: World, time: number) => string;
}

/** TikTok: the second that ends a span of orders is not in it, that of products is. */
const streams: readonly Edged[] = [
  { name: 'orders', stream: orders, add: (world, time) => world.place({ at: time, still: true }) },
  { name: 'products', stream: products, add: (world, time) => world.streams.listing.add(time) },
];

test.each(streams)(
  'T7: records on, before and behind each of 50 edges of windows come with one of them, of $name',
  async ({ name, stream, add }) => {
    const { world, api } = await shopOver({ orders: 20, products: 20 });
    const edges = edgesOf(Math.floor(Date.now() / 1000) - 3 * 86_400);
    const times = new Map(
      edges.flatMap((edge) => [edge - 1, edge, edge, edge + 1]).map((time) => [add(world, time), time] as const),
    );
    const { context } = contextOf(api);
    const { room, put } = await roomFor(stream);
    for (const [i, from] of edges.slice(0, -1).entries()) {
      const to = edges[i + 1] ?? from;
      const pages = await pagesOf(stream.read({ from, to }, context));
      const brought = pages
        .flatMap(({ records }) => records.map((record) => stream.table.idOf(record)))
        .filter((id) => times.has(id));
      const inside = [...times].filter(([, time]) => from <= time && time < to).map(([id]) => id);
      expect(brought.toSorted()).toEqual(inside.toSorted());
      for (const page of pages) await put(page);
    }
    const rows = await room.rows(`select id, update_time as time from ${name} order by id`);
    const stored = rows.filter(({ id }) => times.has(String(id)));
    const [first, last] = [edges[0] ?? 0, edges.at(-1) ?? 0];
    const all = [...times].filter(([, time]) => first <= time && time < last);
    expect(stored).toEqual(all.map(([id, time]) => ({ id, time })).toSorted((a, b) => (a.id < b.id ? -1 : 1)));
    expect(await room.rows('select from_time, to_time from coverage')).toEqual([{ from_time: first, to_time: last }]);
  },
);
