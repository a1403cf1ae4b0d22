import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { pino } from 'pino';

import { createAsked } from '../../../daemon/asked.ts';
import { streamCounts } from '../../../daemon/store/pending.ts';
import { Store } from '../../../daemon/store/store.ts';
import { orders } from '../../../daemon/streams/orders.ts';
import { StreamSync } from '../../../daemon/sync/stream-sync.ts';
import type { ShopApi } from '../../../daemon/tiktok/api.ts';

/**
 * Run as a process of its own: `node --expose-gc heap-probe.ts ORDERS CYCLES`. Reads a shop of so many orders to its
 * end, then lives so many incremental runs with 200 new orders each, and prints what the engine held meanwhile. The
 * shop works its orders out from their numbers, so that it holds none itself.
 */
export interface Held {
  readonly stored: number;
  /** Greatest heap in use after a collection while history was read, MiB. */
  readonly historyMiB: number;
  /** Heap in use after a collection, after every fifth incremental run, MiB. */
  readonly cyclesMiB: readonly number[];
}

const start = 1_790_000_000;
const stepSeconds = 60;
const perCycle = 200;
const cycleSeconds = perCycle * stepSeconds;
/** Collections while history is read, and incremental runs for one: each takes a tenth of a second. */
const samples = 10;
const cyclesPerSample = 5;
const filler = 'x'.repeat(3000);

const { gc } = globalThis;
if (gc === undefined) throw new Error('run it with node --expose-gc');
const [historic = 0, cycles = 0] = process.argv.slice(2).map(Number);

let now = start;
const timeOf = (n: number): number => start - (historic - n) * stepSeconds;
/** Number of the first order at or after a time. */
const numberAt = (time: number): number => Math.max(0, Math.ceil((time - start) / stepSeconds) + historic);
const wire = (n: number) => ({
  id: `57${String(n).padStart(12, '0')}`,
  status: 'COMPLETED',
  create_time: timeOf(n),
  update_time: timeOf(n),
  payment: { currency: 'GBP', total_amount: '12.50' },
  line_items: [{ id: `58${n}`, sku_id: '17', product_name: 'Tee', sale_price: '12.50' }],
  note: filler,
});

const nextAsked = createAsked(0, () => now * 1000);
const api: ShopApi = {
  shop: { id: '7490', name: 'Endless', region: 'GB', cipher: 'GCP_endless' },
  async call({ query, body, data }, options) {
    options.onAttempt?.();
    const first = numberAt(Number(body?.['update_time_ge']));
    const end = Math.max(first, numberAt(Math.min(Number(body?.['update_time_lt']), now)));
    const size = Math.min(Number(query?.['page_size']), end - first);
    const answer = {
      orders: Array.from({ length: size }, (_, i) => wire(first + i)),
      total_count: end - first,
      next_page_token: first + size < end ? 'more' : '',
    };
    // Parsed from text as in life, so that no two pages share a string.
    return { data: data.parse(JSON.parse(JSON.stringify(answer))), sentAt: now, asked: nextAsked() };
  },
};

function heapMiB(): number {
  gc?.();
  return process.memoryUsage().heapUsed / 2 ** 20;
}

const folder = mkdtempSync(join(tmpdir(), 'shopsync-heap-'));
const store = await Store.open({ path: join(folder, 'shopsync.db'), keepPayload: true, now: () => now * 1000 });
try {
  const every = Math.ceil(historic / orders.pageSize / samples);
  let pages = 0;
  let historyMiB = 0;
  const sync = new StreamSync({
    stream: orders,
    api,
    store,
    log: pino({ level: 'silent' }),
    serverNow: () => now,
    apiNow: () => now,
    now: () => now * 1000,
    monotonic: () => now * 1000,
    random: () => 0.5,
    walkers: () => 4,
    policy: { settle: 60, overlap: 300 },
    since: timeOf(0) - 1,
    setTimer: () => () => undefined,
    watch: {
      run: () => undefined,
      progress: () => {
        pages += 1;
        if (pages % every === 0) historyMiB = Math.max(historyMiB, heapMiB());
      },
    },
  });
  const run = async (): Promise<void> => {
    const { state, error } = await (await sync.request({ what: 'sync' }, 'manual')).ended;
    if (state !== 'succeeded') throw new Error(`the run ${state}: ${error?.message}`);
  };
  await run();
  const historyPeakMiB = historyMiB;
  const cyclesMiB: number[] = [];
  for (let cycle = 1; cycle <= cycles; cycle++) {
    now += cycleSeconds;
    await run();
    if (cycle % cyclesPerSample === 0) cyclesMiB.push(heapMiB());
  }
  const { total } = await store.query(streamCounts, '7490', 'orders');
  console.log(JSON.stringify({ stored: total, historyMiB: historyPeakMiB, cyclesMiB } satisfies Held));
} finally {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
}
