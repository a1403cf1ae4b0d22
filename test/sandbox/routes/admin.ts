import { z } from 'zod';

import type { Counters } from '../counters.ts';
import { plain, type Reply } from '../envelope.ts';
import { fault } from '../faults-kinds.ts';
import type { Faults } from '../faults.ts';
import { PRODUCT_STATUSES } from '../world/products/product.ts';
import { STATUSES } from '../world/status.ts';
import type { World } from '../world/world.ts';

export interface AdminCall {
  readonly method: string;
  readonly path: string;
  readonly parameter: (name: string) => string | undefined;
  readonly body: Uint8Array;
  readonly faults: Faults;
  readonly counters: Counters;
  readonly shops: readonly { readonly id: string; readonly world: World }[];
}

const change = {
  shop: z.string().optional(),
  at: z.int().optional(),
  lateBy: z.int().nonnegative().optional(),
  still: z.boolean().optional(),
};
const status = z.enum(STATUSES).optional();

const action = z.discriminatedUnion('action', [
  z.strictObject({ action: z.literal('place'), status, createTime: z.int().optional(), ...change }),
  z.strictObject({ action: z.literal('move'), id: z.string(), status, ...change }),
  z.strictObject({ action: z.literal('touch'), id: z.string(), shop: change.shop }),
  z.strictObject({
    action: z.literal('burst'),
    count: z.int().positive(),
    second: z.int().optional(),
    shop: change.shop,
  }),
]);

const productChange = { id: z.string(), shop: z.string().optional() };

const productAction = z.discriminatedUnion('action', [
  z.strictObject({ action: z.literal('add'), shop: productChange.shop }),
  z.strictObject({ action: z.literal('edit'), ...productChange }),
  z.strictObject({ action: z.literal('price'), minor: z.int().nonnegative().optional(), ...productChange }),
  z.strictObject({ action: z.literal('stock'), quantity: z.int().nonnegative(), ...productChange }),
  z.strictObject({ action: z.literal('status'), status: z.enum(PRODUCT_STATUSES), ...productChange }),
]);
const restating = z.strictObject({ date: z.string(), by: z.int(), shop: z.string().optional() });

const freeze = z.strictObject({ frozen: z.boolean(), shop: z.string().optional() });

export const isAdminPath = (path: string): boolean => path.startsWith('/_admin/');

/** The routes by which a test or a demonstration steers the sandbox. A call that asks nonsense gets HTTP 400 and why. */
export function adminRoute(call: AdminCall): Reply {
  const handler = ROUTES[`${call.method} ${call.path}`];
  if (!handler) return plain(404, `unknown; known are ${Object.keys(ROUTES).join(', ')}`);
  try {
    return handler(call);
  } catch (error) {
    return plain(400, error instanceof Error ? error.message : String(error));
  }
}

const ROUTES: Readonly<Record<string, (call: AdminCall) => Reply>> = {
  'POST /_admin/faults': (call) => {
    call.faults.add(fault.parse(bodyOf(call)));
    return json({ ok: true });
  },
  'DELETE /_admin/faults': (call) => {
    call.faults.clear();
    return json({ ok: true });
  },
  'GET /_admin/world': (call) => {
    const { world } = shopOf(call, call.parameter('shop'));
    const lines: string[] = [];
    for (const { id, createTime, updateTime, status: now } of world.orders()) {
      lines.push(`{"id":"${id}","create_time":${createTime},"update_time":${updateTime},"status":"${now}"}\n`);
    }
    return reply(lines.join(''), 'application/x-ndjson');
  },
  'GET /_admin/products': (call) => lines(shopOf(call, call.parameter('shop')).world.products()),
  'GET /_admin/days': (call) => lines(shopOf(call, call.parameter('shop')).world.days()),
  'GET /_admin/returns': (call) => lines(shopOf(call, call.parameter('shop')).world.returns()),
  'GET /_admin/cancellations': (call) => lines(shopOf(call, call.parameter('shop')).world.cancellations()),
  'GET /_admin/statements': (call) => lines(shopOf(call, call.parameter('shop')).world.statements()),
  'POST /_admin/products': (call) => json({ id: changeProduct(call, productAction.parse(bodyOf(call))) }),
  'POST /_admin/days': (call) => {
    const { date, by, shop } = restating.parse(bodyOf(call));
    shopOf(call, shop).world.streams.performance.restate(date, by);
    return json({ ok: true });
  },
  'GET /_admin/requests': (call) => json(call.counters),
  'DELETE /_admin/requests': (call) => {
    call.counters.reset();
    return json({ ok: true });
  },
  'POST /_admin/orders': (call) => json({ ids: act(call, action.parse(bodyOf(call))) }),
  'POST /_admin/freeze': (call) => {
    const { frozen, shop } = freeze.parse(bodyOf(call));
    const shops = shop === undefined ? call.shops : [shopOf(call, shop)];
    for (const { world } of shops) world.freeze(frozen);
    return json({ frozen });
  },
};

function act(call: AdminCall, asked: z.output<typeof action>): string[] {
  const { world } = shopOf(call, asked.shop);
  switch (asked.action) {
    case 'place':
      return [world.place(asked)];
    case 'move':
      return [world.move(asked.id, asked.status, asked).id];
    case 'touch':
      world.touch(asked.id);
      return [asked.id];
    case 'burst':
      return world.burst(asked.count, asked.second);
  }
}

function changeProduct(call: AdminCall, asked: z.output<typeof productAction>): string {
  const { listing } = shopOf(call, asked.shop).world.streams;
  switch (asked.action) {
    case 'add':
      return listing.add();
    case 'edit':
      listing.edit(asked.id);
      return asked.id;
    case 'price':
      listing.price(asked.id, asked.minor);
      return asked.id;
    case 'stock':
      listing.stock(asked.id, asked.quantity);
      return asked.id;
    case 'status':
      listing.setStatus(asked.id, asked.status);
      return asked.id;
  }
}

/** Without an id, the first shop. */
function shopOf({ shops }: AdminCall, id: string | undefined): { readonly world: World } {
  const shop = id === undefined ? shops[0] : shops.find((known) => known.id === id);
  if (!shop) throw new Error(`no shop ${id}; known are ${shops.map((known) => known.id).join(', ')}`);
  return shop;
}

const bodyOf = ({ body }: AdminCall): unknown => JSON.parse(Buffer.from(body).toString());

const reply = (text: string, contentType: string): Reply => ({
  http: 200,
  code: undefined,
  contentType,
  body: Buffer.from(text),
});

const lines = (values: readonly unknown[]): Reply =>
  reply(values.map((value) => `${JSON.stringify(value)}\n`).join(''), 'application/x-ndjson');

const json = (value: unknown): Reply => reply(JSON.stringify(value), 'application/json; charset=utf-8');
