import type { Status } from '../../shared/views.ts';
import { status, stream } from './samples.ts';

const names = ['orders', 'products', 'analytics', 'returns', 'cancellations', 'statements'];

/** A status of `many` shops, whose names differ only at their end, with every stream each. */
export const manyShops = (many: number, over: Partial<Status> = {}, streams = names): Status => {
  const shops = Array.from({ length: many }, (_, at) => ({
    id: `749000000000000000${at}`,
    name: `Sandbox Company Europe ${String.fromCharCode(65 + at)}`,
    region: 'GB',
  }));
  const [api] = status().api;
  return status({
    shops,
    streams: shops.flatMap(({ id }) =>
      streams.map((name) =>
        stream({ shop: id, stream: name, byStatus: { [`${name.toUpperCase()}_DONE`]: 500 }, total: 500 }),
      ),
    ),
    api: api === undefined ? [] : shops.map(({ id }, at) => ({ ...api, shop: id, usedToday: 100 + at })),
    ...over,
  });
};
