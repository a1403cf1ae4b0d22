import { describe, expect, test } from 'vitest';

import { ask, codeOf, search, type SearchPage } from './client.ts';
import { living } from './living.ts';
import type { SandboxOptions } from './options.ts';
import type { Sandbox } from './sandbox.ts';

const START = 1_764_000_000;

const start = (options: Partial<SandboxOptions> = {}): Promise<Sandbox> =>
  living({ orders: 350, days: 100, frozen: true, now: () => START, ...options });

const ASC = { sort_field: 'update_time', sort_order: 'ASC' };

/** Every page by tokens; `between` runs after each page. */
async function walk(sandbox: Sandbox, between?: (page: SearchPage) => void): Promise<string[]> {
  const ids: string[] = [];
  let token = '';
  do {
    const page = await search(sandbox, START, { ...ASC, page_token: token });
    ids.push(...page.orders.map(({ id }) => id));
    token = page.next_page_token ?? '';
    between?.(page);
  } while (token !== '');
  return ids;
}

const truth = (sandbox: Sandbox): string[] => [...sandbox.world.orders()].map(({ id }) => id);

describe('paging', () => {
  test.each(['offset', 'keyset'] as const)(
    'by %s walks the whole world in order, with tokens that need escaping',
    async (pageTokens) => {
      const sandbox = await start({ pageTokens });
      const ids = await walk(sandbox, (page) => {
        expect(page.total_count).toBe(350);
        if (page.next_page_token !== '') expect(page.next_page_token).toMatch(/^\+\/\/.*=$/);
      });
      expect(ids).toEqual(truth(sandbox));
    },
  );

  test('by offset loses an order when one leaves the pages already read; by keyset it does not', async () => {
    const lost = async (pageTokens: 'offset' | 'keyset'): Promise<number> => {
      const sandbox = await start({ pageTokens });
      let moved = false;
      const ids = new Set(
        await walk(sandbox, ({ orders }) => {
          if (!moved) sandbox.world.move(orders[0]?.id ?? '', 'CANCELLED');
          moved = true;
        }),
      );
      return truth(sandbox).filter((id) => !ids.has(id)).length;
    };
    expect([await lost('offset'), await lost('keyset')]).toEqual([1, 0]);
  });

  test('a token under the wrong name is ignored: page one, for ever', async () => {
    const sandbox = await start();
    const first = await search(sandbox, START, ASC);
    const again = await search(sandbox, START, { ...ASC, next_page_token: first.next_page_token ?? '' });
    expect(again.orders).toEqual(first.orders);
  });

  test('the last page has an empty token, or none where the knob says so', async () => {
    const last = { ...ASC, page_size: '50' };
    const none = { update_time_ge: START + 10 };
    expect((await search(await start({ orders: 20 }), START, last)).next_page_token).toBe('');
    const absent = await start({ orders: 20, endMarker: 'absent' });
    expect(await search(absent, START, last)).not.toHaveProperty('next_page_token');
    expect(await search(absent, START, {}, none)).toEqual({ orders: [], total_count: 0 });
  });

  test('a token that is old or not ours is refused with the code of the knob', async () => {
    let now = START;
    const sandbox = await start({ now: () => now, pageTokenTtl: 60, badTokenCode: 98001004 });
    const { next_page_token: token = '' } = await search(sandbox, now, ASC);
    now += 60;
    await expect(search(sandbox, now, { ...ASC, page_token: token })).resolves.toBeDefined();
    now += 1;
    await expect(search(sandbox, now, { ...ASC, page_token: token })).rejects.toThrow('98001004');
    await expect(search(sandbox, now, { ...ASC, page_token: 'bm9uc2Vuc2U=' })).rejects.toThrow('98001004');
  });
});

test('an answer without orders has no key orders, as recorded', async () => {
  const sandbox = await start({ orders: 0 });
  const query = { shop_cipher: sandbox.shops[0]?.cipher ?? '', page_size: '50' };
  const path = '/order/202309/orders/search';
  const { text } = await ask(sandbox, path, { method: 'POST', query, body: '{}', timestamp: START });
  expect(JSON.parse(text)).toMatchObject({
    code: 0,
    message: 'Success',
    request_id: expect.stringMatching(/^20251124/),
  });
  expect(text).toContain('"data":{"next_page_token":"","total_count":0},"message"');
});

describe('filters', () => {
  test('ge is inclusive, lt exclusive, and create and update filters hold together', async () => {
    const sandbox = await start();
    const all = [...sandbox.world.orders()];
    const ge = all[40]?.updateTime ?? 0;
    const lt = all[300]?.updateTime ?? 0;
    const created = all[150]?.createTime ?? 0;
    const inside = all.filter(({ updateTime }) => updateTime >= ge && updateTime < lt);
    const page = await search(sandbox, START, ASC, { update_time_ge: ge, update_time_lt: lt });
    expect(page.total_count).toBe(inside.length);
    expect(page.orders.map(({ id }) => id)).toEqual(inside.slice(0, 100).map(({ id }) => id));
    const both = await search(sandbox, START, ASC, { update_time_ge: ge, update_time_lt: lt, create_time_lt: created });
    expect(both.total_count).toBe(inside.filter(({ createTime }) => createTime < created).length);
    expect(both.total_count).toBeLessThan(page.total_count);
  });

  test.each([
    ['order_status', (order: Record<string, unknown>) => order['status']],
    ['shipping_type', (order: Record<string, unknown>) => order['shipping_type']],
    ['buyer_user_id', (order: Record<string, unknown>) => order['user_id']],
  ])('%s keeps only the orders that show that value', async (name, shown) => {
    const sandbox = await start({ orders: 90 });
    const { orders } = await search(sandbox, START);
    const value = shown(orders[7] ?? {});
    const page = await search(sandbox, START, {}, { [name]: value });
    expect(page.orders).toEqual(orders.filter((order) => shown(order) === value));
    expect(page.total_count).toBeLessThan(90);
  });

  test('warehouses are a list, and a buyer who asks to cancel can be found', async () => {
    const sandbox = await start({ orders: 3000, days: 3 });
    const first = await search(sandbox, START, {}, { warehouse_ids: ['7068000000000000001'] });
    const second = await search(sandbox, START, {}, { warehouse_ids: ['7068000000000000002'] });
    expect(first.total_count + second.total_count).toBe(3000);
    const asking = await search(sandbox, START, {}, { is_buyer_request_cancel: true });
    expect(asking.total_count).toBeGreaterThan(0);
    expect(asking.orders.every((order) => order['is_buyer_request_cancel'] === true)).toBe(true);
    const others = await search(sandbox, START, {}, { is_buyer_request_cancel: false });
    expect(others.total_count).toBe(3000 - asking.total_count);
  });

  test('an unknown filter means all orders', async () => {
    expect((await search(await start(), START, {}, { updated_after: START })).total_count).toBe(350);
  });

  test('a filter of the wrong type is refused by name', async () => {
    const sandbox = await start();
    await expect(search(sandbox, START, {}, { update_time_ge: '5' })).rejects.toThrow(/36009004 'update_time_ge'/);
    await expect(search(sandbox, START, {}, { order_status: 'CANCEL' })).rejects.toThrow(/36009004 'order_status'/);
  });
});

test('without a sort the order of creation counts, descending or as the knob says', async () => {
  const times = async (sandbox: Sandbox): Promise<number[]> =>
    (await search(sandbox, START)).orders.map((order) => order.create_time);
  const down = await times(await start());
  const up = await times(await start({ defaultOrder: 'ASC' }));
  expect(down).toEqual(down.toSorted((a, b) => b - a));
  expect(up).toEqual(up.toSorted((a, b) => a - b));
});

test.each([
  ['page_size', ''],
  ['page_size', '0'],
  ['page_size', '101'],
  ['page_size', 'ten'],
  ['sort_field', 'id'],
  ['sort_order', 'asc'],
])('%s=%s is refused', async (name, value) => {
  await expect(search(await start(), START, { [name]: value })).rejects.toThrow(`400 36009004 '${name}'`);
});

test('an empty sort_field, sort_order or page_token counts as not given', async () => {
  const sandbox = await start();
  const without = await search(sandbox, START);
  expect(await search(sandbox, START, { sort_field: '', sort_order: '', page_token: '' })).toEqual(without);
});

describe('order detail', () => {
  const detail = async (sandbox: Sandbox, ids: string, version = '202507') =>
    ask(sandbox, `/order/${version}/orders`, {
      query: { shop_cipher: sandbox.shops[0]?.cipher ?? '', ids },
      timestamp: START,
    });

  test.each(['202309', '202507'])(
    'version %s gives the orders asked for, as the search does; unknown ids are left out',
    async (version) => {
      const sandbox = await start();
      const { orders } = await search(sandbox, START, { ...ASC, page_size: '3' });
      const ids = [...orders.map(({ id }) => id), '576400000000000001'];
      const { text } = await detail(sandbox, ids.join(','), version);
      expect(JSON.parse(text)).toMatchObject({ code: 0, data: { orders } });
    },
  );

  test('more than 50 ids, or none, are refused', async () => {
    const sandbox = await start();
    const ids = truth(sandbox);
    expect(codeOf(await detail(sandbox, ids.slice(0, 50).join(',')))).toBe(0);
    expect(codeOf(await detail(sandbox, ids.slice(0, 51).join(',')))).toBe(36009004);
    expect(codeOf(await detail(sandbox, ''))).toBe(36009004);
  });

  test('an order of another shop is left out, or spoils the call where the knob says so', async () => {
    for (const [foreignIds, code] of [
      ['absent', 0],
      ['error', 21008111],
    ] as const) {
      const sandbox = await start({ shops: 2, foreignIds });
      const [foreign] = sandbox.shops[1]?.world.orders() ?? [];
      expect(codeOf(await detail(sandbox, foreign?.id ?? ''))).toBe(code);
    }
  });
});
