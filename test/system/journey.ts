import { setTimeout } from 'node:timers/promises';

import { expect } from 'vitest';

import { type DaemonProcess, Installation } from '../daemon/daemon-process.ts';
import { type Sandbox, startSandbox } from '../sandbox/sandbox.ts';
import { between, seeded } from './moments.ts';
import { inDatabase, inWorld, integrity, listening, poll, searches, searchPath, synced } from './world.ts';

/** Enough for a sync that many ends can hit: 100 pages. */
const orders = 10_000;
const concurrency = 8;
const changesPerStep = 220;
/** A request comes at the same moment of a page's life each time: the end comes up to so many milliseconds later. */
const mostJitter = 30;

/** How often the daemon is ended in each part of a journey. */
const endsPer = { first: 4, resync: 3, incremental: 3 };
export const endsPerJourney = endsPer.first + endsPer.resync + endsPer.incremental;

export interface Journey {
  readonly seed: number;
  /** Ends the daemon; called at a random moment of its work, before it listens too when `fromRequest` is 0. */
  readonly end: (daemon: DaemonProcess) => Promise<void>;
  /** The least number of requests that a daemon has sent when it is ended. */
  readonly fromRequest: number;
}

/** Requests of each part of a journey, beside the most that they may be. */
export type Spent = Readonly<Record<keyof typeof endsPer, { readonly sent: number; readonly allowed: number }>>;

/**
 * The life of one installation on one shop: a first sync, a full resync and incremental runs while orders are placed
 * and moved, each ended several times at random moments. After each part the store must equal the shop.
 */
export async function travel({ seed, end, fromRequest }: Journey): Promise<Spent> {
  const random = seeded(seed);
  await using sandbox = await startSandbox({ orders, frozen: true, latencyMs: 10, seed });
  await using place = new Installation(sandbox);
  const env = { SHOPSYNC_SCHEDULE_ORDERS: 'off', SHOPSYNC_API_CONCURRENCY: String(concurrency) };
  const start = (): DaemonProcess => place.start([], env);

  const endAt = async (most: number, work: (daemon: DaemonProcess) => Promise<void>): Promise<void> => {
    const at = searches(sandbox) + between(random, fromRequest, most);
    const daemon = start();
    await work(daemon);
    await reached(sandbox, daemon, at);
    await setTimeout(random() * mostJitter);
    await end(daemon);
    expect(integrity(place)).toBe('ok');
  };
  const alone = async (): Promise<void> => undefined;

  let before = searches(sandbox);
  for (let i = 0; i < endsPer.first; i += 1) await endAt(75, alone);
  await arrive(sandbox, place, start());
  const first = spentSince(sandbox, before, orders, endsPer.first, 1);

  before = searches(sandbox);
  await endAt(75, async (daemon) => {
    await listening(daemon);
    await place.call('fullResync');
  });
  for (let i = 1; i < endsPer.resync; i += 1) await endAt(75, alone);
  await arrive(sandbox, place, start());
  const resync = spentSince(sandbox, before, orders, endsPer.resync, 2);
  expect(place.rows(`select state from sync_runs where kind = 'full' order by id desc limit 1`)).toEqual([
    { state: 'succeeded' },
  ]);

  before = searches(sandbox);
  for (let i = 0; i < endsPer.incremental; i += 1) {
    change(sandbox, random);
    await endAt(12, async () => {
      sandbox.world.place();
      sandbox.world.burst(20);
    });
  }
  await arrive(sandbox, place, start());
  const { interrupted } =
    place.rows(`select count(*) as interrupted from sync_runs where state = 'interrupted'`)[0] ?? {};
  expect(Number(interrupted), 'ends that hit a run').toBeGreaterThanOrEqual(endsPerJourney / 2);
  const changed = endsPer.incremental * changesPerStep;
  const incremental = spentSince(sandbox, before, changed * (endsPer.incremental + 2), endsPer.incremental, 2);
  return { first, resync, incremental };
}

/** Waits until the sandbox has been asked so often, or the daemon has nothing left to do. */
async function reached(sandbox: Sandbox, daemon: DaemonProcess, at: number): Promise<void> {
  const isIdle = (): boolean => daemon.stdout.includes('run succeeded');
  await expect
    .poll(() => searches(sandbox) >= at || isIdle() || !daemon.isRunning, { ...poll, interval: 1 })
    .toBe(true);
  expect(daemon.isRunning, daemon.stderr).toBe(true);
}

/** The last start of a part: what is missing is read, the store equals the shop, and no run is left running. */
async function arrive(sandbox: Sandbox, place: Installation, daemon: DaemonProcess): Promise<void> {
  await synced(place, daemon);
  // An end may have come between a change and the run that reads it: one more, as the schedule would.
  await place.call('sync', { wait: true });
  expect(inDatabase(place)).toEqual(inWorld(sandbox));
  expect(integrity(place)).toBe('ok');
  expect(place.rows(`select id from sync_runs where state = 'running'`)).toEqual([]);
  await daemon.kill('SIGTERM');
  expect(sandbox.requests.of(searchPath).failed).toBe(0);
}

/** New orders spread over the last minute, and a bulk update that stamps many with the present second. */
function change(sandbox: Sandbox, random: () => number): void {
  const now = Math.floor(Date.now() / 1000);
  for (let i = 0; i < changesPerStep / 2; i += 1)
    sandbox.world.place({ at: now - between(random, 0, 50), still: true });
  sandbox.world.burst(changesPerStep / 2, now);
}

/**
 * Nothing is read twice but the pages in flight at an end and the strip, which each run reads. A gap that an end left
 * ends inside a page: half a page more for each walker.
 */
function spentSince(sandbox: Sandbox, before: number, records: number, ends: number, runsPerStart: number) {
  const inFlight = concurrency;
  const brokenPages = concurrency / 2;
  const stripAndProof = 2 * runsPerStart + 1;
  const allowed = Math.ceil(records / 99) + ends * (inFlight + brokenPages) + (ends + 2) * stripAndProof;
  return { sent: searches(sandbox) - before, allowed };
}
