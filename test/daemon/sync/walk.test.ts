import { expect, test } from 'vitest';

import { AppError } from '../../../daemon/errors.ts';
import type { Span } from '../../../daemon/spans.ts';
import type { OrderRecord } from '../../../daemon/store/orders.ts';
import { orders } from '../../../daemon/streams/orders.ts';
import type { Page, ReadContext, Stream, Window } from '../../../daemon/streams/stream.ts';
import { Board } from '../../../daemon/sync/board.ts';
import { Stopped } from '../../../daemon/sync/failures.ts';
import { walk } from '../../../daemon/sync/walk.ts';
import { ModelApi } from './model-api.ts';
import { ModelShop } from './model-shop.ts';
import { start } from './workshop.ts';

const width = 1_000_000;
const all: Span = { from: start - width, to: start };

/** A shop of so many orders behind the stream of orders, read by `walkers`, into a list of pages. */
function world(count: number, walkers = 4, stream: Stream<OrderRecord> = orders) {
  const shop = new ModelShop();
  for (let i = 0; i < count; i++) shop.place(all.from + Math.floor((i * width) / count));
  const api = new ModelApi({ shop, now: () => start + 1000 });
  const controller = new AbortController();
  const context: ReadContext = { api, priority: 'live', signal: controller.signal, proof: {}, odd: () => undefined };
  const board = new Board([all], stream.pageSize);
  const pages: Page<OrderRecord>[] = [];
  const work = {
    stream,
    board,
    context,
    walkers: () => walkers,
    store: async (page: Page<OrderRecord>) => void pages.push(page),
    advanced: () => undefined,
  };
  const ids = () => new Set(pages.flatMap((page) => page.records.map((record) => record.id)));
  return { api, controller, board, pages, work, ids, shop };
}

const scripted = (read: Stream<OrderRecord>['read']): Stream<OrderRecord> => ({ ...orders, read });

test('several walkers at once read everything, and no more of them than the budget can use', async () => {
  const w = world(3000);
  let underWay = 0;
  let most = 0;
  w.api.set({
    before: async () => {
      most = Math.max(most, ++underWay);
      await new Promise((resolve) => setImmediate(resolve));
      underWay -= 1;
    },
  });
  await walk(w.work);
  expect(w.ids().size).toBe(3000);
  expect(w.board.done).toBeGreaterThanOrEqual(3000);
  expect(w.board.open).toEqual([]);
  // The pages' own proof of the sort order is a request beside those of the walkers.
  expect(most).toBeGreaterThan(2);
  expect(most).toBeLessThanOrEqual(5);
});

test('one page needs one walker', async () => {
  const w = world(50);
  await walk(w.work);
  expect(w.api.requests).toHaveLength(1);
});

test('the first failure is thrown, and all others stop at the edge of a page', async () => {
  const w = world(5000, 8);
  const failure = new AppError('transient', 'api', 'down');
  w.api.set({
    before: async (n) => {
      await new Promise((resolve) => setImmediate(resolve));
      if (n >= 20) throw failure;
    },
  });
  await expect(walk(w.work)).rejects.toBe(failure);
  const [requests, pages] = [w.api.requests.length, w.pages.length];
  // Those under way when the first failed, and none after.
  expect(requests).toBeLessThan(20 + 8);
  await new Promise((resolve) => setImmediate(resolve));
  expect([w.api.requests.length, w.pages.length]).toEqual([requests, pages]);
});

test('a page that cannot be stored is not taken for read', async () => {
  const w = world(1000, 1);
  const failure = new AppError('store', 'store', 'disk full');
  let stored = 0;
  const store = async () => {
    if (++stored === 4) throw failure;
  };
  await expect(walk({ ...w.work, store })).rejects.toBe(failure);
  expect(w.board.done).toBeLessThan(400);
  expect(w.board.open).not.toEqual([]);
});

test('stopped from outside: the reason is thrown, what was being stored is stored', async () => {
  const w = world(3000, 4);
  const reason = new Stopped('cancelled');
  let storing = 0;
  const store = async (page: Page<OrderRecord>) => {
    storing += 1;
    if (storing === 5) w.controller.abort(reason);
    await new Promise((resolve) => setImmediate(resolve));
    await w.work.store(page);
  };
  await expect(walk({ ...w.work, store })).rejects.toBe(reason);
  expect(w.pages).toHaveLength(storing);
});

test('stopped between two pages that need no request: the second is not read', async () => {
  let read = 0;
  const endless = scripted(async function* (window: Window): AsyncGenerator<Page<OrderRecord>, void, undefined> {
    while (read < 10) yield { records: [], rejected: [], sentAt: start, asked: ++read, from: window.from };
  });
  const w = world(0, 1, endless);
  const store = async () => w.controller.abort(new Stopped('cancelled'));
  await expect(walk({ ...w.work, store })).rejects.toThrow(Stopped);
  expect(read).toBe(1);
});

test('stopped before it began: no request at all', async () => {
  const w = world(100);
  w.controller.abort(new Stopped('interrupted'));
  await expect(walk(w.work)).rejects.toThrow(Stopped);
  expect(w.api.requests).toEqual([]);
});

test('a window that its stream cannot read whole is left, not read again and again', async () => {
  let reads = 0;
  const unreadable = scripted(async function* (window: Window): AsyncGenerator<Page<OrderRecord>, void, undefined> {
    reads += 1;
    if (reads > 5) throw new Error('read again and again');
    yield { records: [], rejected: [], sentAt: start, asked: reads, from: window.from };
  });
  const w = world(0, 4, unreadable);
  await walk(w.work);
  expect(reads).toBe(1);
  expect(w.board.open).toEqual([]);
});

test('an abort while the last page is stored is still an abort', async () => {
  const w = world(10);
  const store = async () => w.controller.abort(new Stopped('cancelled'));
  await expect(walk({ ...w.work, store })).rejects.toThrow(Stopped);
});
