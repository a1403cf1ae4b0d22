import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { onTestFinished } from 'vitest';

import { createAsked } from '../../../daemon/asked.ts';
import type { Page, ReadContext, Stream, Window } from '../../../daemon/streams/stream.ts';
import { openAccount } from '../../../daemon/tiktok/account.ts';
import type { ShopApi } from '../../../daemon/tiktok/api.ts';
import type { SandboxOptions } from '../../sandbox/options.ts';
import { startSandbox } from '../../sandbox/sandbox.ts';
import { Room, shop as storedShop } from '../store/room.ts';
import { InstantTimers } from '../tiktok/manual-timers.ts';

/** A shop of the sandbox, as the daemon reaches it over HTTP. */
export async function shopOver(options: Partial<SandboxOptions>) {
  const sandbox = await startSandbox({ orders: 300, frozen: true, ...options });
  const stateDir = await mkdtemp(join(tmpdir(), 'shopsync-'));
  const account = await openAccount({
    baseUrl: sandbox.url,
    authUrl: sandbox.url,
    appKey: sandbox.appKey,
    secret: sandbox.appSecret,
    tokens: { accessToken: sandbox.accessToken, refreshToken: sandbox.refreshToken },
    requestsPerSecond: 1000,
    concurrency: 8,
    timeoutMs: 5000,
    stateDir,
    nextAsked: createAsked(0, Date.now),
    warn: () => undefined,
    timers: new InstantTimers(),
    random: () => 0,
  });
  onTestFinished(async () => {
    await account.close();
    await sandbox.close();
    await rm(stateDir, { recursive: true });
  });
  const [shop] = await account.shops(new AbortController().signal);
  if (shop === undefined) throw new Error('the sandbox has no shop');
  return { sandbox, world: sandbox.world, api: account.api(shop) };
}

/** What one run would read with; what it found odd gathers in `oddities`. */
export function contextOf(api: ShopApi, change: Partial<ReadContext> = {}) {
  const oddities: string[] = [];
  const context: ReadContext = {
    api,
    priority: 'history',
    signal: new AbortController().signal,
    proof: {},
    odd: (what, detail) => oddities.push(`${what}: ${detail}`),
    ...change,
  };
  return { context, oddities };
}

export async function pagesOf<R>(pages: AsyncIterable<Page<R>>): Promise<readonly Page<R>[]> {
  const read: Page<R>[] = [];
  for await (const page of pages) read.push(page);
  return read;
}

/** A real database with a run of the stream under way, into which pages go as a run would put them. */
export async function roomFor<R>(stream: Stream<R>) {
  const room = await Room.open();
  onTestFinished(() => room[Symbol.asyncDispose]());
  const at = { shop: storedShop, stream: stream.name };
  const { runId } = await room.begin({ ...at, kind: 'full' });
  await room.store.ensureState({ ...at, liveStart: 0, since: 0, overlap: 300 });
  const put = (page: Page<R>) => {
    const read = page.coveredTo === undefined ? null : { from: page.from, to: page.coveredTo };
    return room.store.commitPage(stream.table, {
      ...at,
      ...page,
      runId,
      requests: 1,
      read,
      covered: read,
      ledger: runId,
      doubtsDue: 0,
      settles: false,
      overlap: 300,
      settle: 60,
      live: false,
      documented: stream.documented,
      odd: {},
    });
  };
  return { room, put };
}

/** Copies a window of a stream into a database. */
export async function copy<R>(stream: Stream<R>, api: ShopApi, window: Window) {
  const { context, oddities } = contextOf(api);
  const { room, put } = await roomFor(stream);
  let requests = 0;
  const counted = { ...context, onAttempt: () => (requests += 1) };
  for await (const page of stream.read(window, counted)) await put(page);
  const covered = await room.rows(`select from_time as 'from', to_time as 'to' from coverage`);
  return { room, put, context, oddities, covered, requests };
}
