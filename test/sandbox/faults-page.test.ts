import { expect, test } from 'vitest';

import { ask, search, type SearchPage } from './client.ts';
import type { FaultInput } from './faults-kinds.ts';
import { living } from './living.ts';
import type { Sandbox } from './sandbox.ts';

const now = 1_764_000_000;

async function start(fault: FaultInput): Promise<Sandbox> {
  const sandbox = await living({ orders: 40, days: 30, now: () => now, frozen: true });
  sandbox.faults.add(fault);
  return sandbox;
}

/** Follows the tokens for at most `most` pages of ten. */
async function pages(sandbox: Sandbox, most = 10): Promise<SearchPage[]> {
  const read: SearchPage[] = [];
  let token: string | undefined = '';
  while (token !== undefined && read.length < most) {
    const page: SearchPage = await search(sandbox, now, {
      page_size: '10',
      ...(token !== '' && { page_token: token }),
    });
    read.push(page);
    token = page.next_page_token || undefined;
  }
  return read;
}

const idsOf = (read: readonly SearchPage[]): string[] => read.flatMap(({ orders }) => orders.map(({ id }) => id));

test('T12: missing leaves out the orders and still counts them', async () => {
  const [page, ...rest] = await pages(await start({ kind: 'missing', times: 1 }));
  expect(page).toMatchObject({ orders: [], total_count: 40 });
  expect(idsOf(rest)).toHaveLength(30);
});

test('partial strips every order of the answer if it shall', async () => {
  const sandbox = await start({ kind: 'partial', orders: 'all' });
  const query = { shop_cipher: sandbox.shops[0]?.cipher ?? '', page_size: '3' };
  const path = '/order/202309/orders/search';
  const { text } = await ask(sandbox, path, { method: 'POST', query, timestamp: now });
  const stripped = { has_updated_recipient_address: false, packages: [] };
  expect(JSON.parse(text).data.orders).toEqual([stripped, stripped, stripped]);
});

test('double brings an order twice on a page, or on two pages', async () => {
  const within = idsOf(await pages(await start({ kind: 'double', after: 1, times: 1 })));
  expect([within.length, new Set(within).size, within[19] === within[20]]).toEqual([41, 40, true]);
  const across = idsOf(await pages(await start({ kind: 'double', across: true, after: 1, times: 1 })));
  expect([across.length, new Set(across).size, across[9] === across[10]]).toEqual([41, 40, true]);
});

test('T26: tokens that repeat come back for ever', async () => {
  const read = await pages(await start({ kind: 'token', how: 'repeat' }));
  expect(read).toHaveLength(10);
  const tokens = read.map((page) => page.next_page_token);
  expect(new Set(tokens).size).toBe(1);
});

test('T26: tokens that cycle are A, B, A, B', async () => {
  const read = await pages(await start({ kind: 'token', how: 'cycle' }));
  expect(read).toHaveLength(10);
  const [a, b, ...rest] = read.map((page) => page.next_page_token);
  expect(a).not.toBe(b);
  expect(rest).toEqual([a, b, a, b, a, b, a, b]);
});

test('T26: an empty page comes with a token', async () => {
  const read = await pages(await start({ kind: 'token', how: 'empty', after: 1, times: 1 }));
  expect(read.map(({ orders }) => orders.length)).toEqual([10, 0, 10, 10]);
  expect(read[1]?.next_page_token).not.toBe('');
});
