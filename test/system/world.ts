import { expect } from 'vitest';

import type { DaemonProcess, Installation } from '../daemon/daemon-process.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';

/** TikTok's order search, the path of nearly every request. */
export const searchPath = '/order/202309/orders/search';

export const searches = (sandbox: Sandbox): number => sandbox.requests.of(searchPath).total;

/** How long something that must come may take before the test gives up, and how often it is looked for, milliseconds. */
export const poll = { timeout: 30_000, interval: 10 };

/** Every order that the API shows: id, version and status, sorted. */
export const inWorld = (sandbox: Sandbox): string[] =>
  [...sandbox.world.orders()].map(({ id, updateTime, status }) => `${id} ${updateTime} ${status}`).toSorted();

/** The same of every order that is stored. */
export const inDatabase = (place: Installation): string[] =>
  place
    .rows(`select id || ' ' || update_time || ' ' || status as line from orders order by 1`)
    .map(({ line }) => String(line));

/** Whether the file itself is whole, by SQLite's own word. */
export const integrity = (place: Installation): unknown => place.rows('pragma integrity_check')[0]?.['integrity_check'];

/** Waits until the daemon answers on its socket. Throws with what it said when it ended instead. */
export async function listening(daemon: DaemonProcess): Promise<void> {
  await expect.poll(() => daemon.stdout.includes('"listening"') || !daemon.isRunning, poll).toBe(true);
  if (!daemon.isRunning) throw new Error(`the daemon ended: ${daemon.stderr}`);
}

/** Waits until no run is under way and the stream is whole. */
export async function synced(place: Installation, daemon: DaemonProcess): Promise<void> {
  await listening(daemon);
  await expect
    .poll(async () => {
      const { streams } = await place.status();
      return streams.length === 1 && streams[0]?.run === null && streams[0].lastSyncTime !== null;
    }, poll)
    .toBe(true);
}
