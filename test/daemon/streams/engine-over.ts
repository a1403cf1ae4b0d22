import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { sql } from 'kysely';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';

import { createAsked } from '../../../daemon/asked.ts';
import { Store } from '../../../daemon/store/store.ts';
import type { Stream } from '../../../daemon/streams/stream.ts';
import type { Ask } from '../../../daemon/sync/asks.ts';
import { Engine } from '../../../daemon/sync/engine.ts';
import type { SandboxOptions } from '../../sandbox/options.ts';
import { InstantTimers } from '../tiktok/manual-timers.ts';
import { BEGAN, taxonomyWorld } from '../tiktok/taxonomy-world.ts';

/** The engine over a shop of the sandbox, of which it follows one stream; each run by a daemon of its own. */
export async function engineOver(stream: Stream<unknown>, options: Partial<SandboxOptions> = {}) {
  const timers = new InstantTimers();
  const world = await taxonomyWorld({ timers, nextAsked: createAsked(0, Date.now), sandbox: options });
  const folder = mkdtempSync(join(tmpdir(), `${stream.name}-`));
  const now = () => Math.floor(world.now() * 1000);
  const store = await Store.open({ path: join(folder, 'shopsync.db'), keepPayload: true, now });
  onTestFinished(async () => {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const engineOf = () =>
    new Engine({
      account: world.account,
      store,
      streams: [stream],
      policy: { settle: 60, overlap: 300 },
      now,
      monotonic: timers.now,
      random: () => 0.5,
      since: BEGAN - 800 * 86_400,
      concurrency: 8,
      setTimer: () => () => undefined,
      log: pino({ level: 'silent' }),
      watch: { run: () => undefined, progress: () => undefined },
    });
  /** @returns the run as it ended. */
  const run = async (ask: Ask = { what: 'sync' }) => {
    const engine = engineOf();
    const [ended] = await (await engine.request(ask, {}, 'manual')).ended;
    await engine.close();
    return ended;
  };
  const rows = async (query: string) => {
    const result = await store.change((db) => sql.raw<Readonly<Record<string, unknown>>>(query).execute(db));
    return result.rows.map((row) => ({ ...row }));
  };
  return { ...world, timers, store, engineOf, run, rows };
}
