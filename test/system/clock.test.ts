import { expect, test } from 'vitest';

import { Installation } from '../daemon/daemon-process.ts';
import { startSandbox } from '../sandbox/sandbox.ts';
import { inDatabase, inWorld, synced } from './world.ts';

/** Settle and overlap as configured by default: nothing younger may be covered, seconds. */
const strip = 60 + 300;

test.each([
  { api: '10 min ahead', skew: 600 },
  { api: '10 min behind', skew: -600 },
  { api: '1 h ahead', skew: 3600 },
  { api: '1 h behind', skew: -3600 },
])(
  'T17: an API whose clock is $api refuses one request at most; what the slower clock has behind it is stored, no future is covered',
  async ({ skew }) => {
    const serverNow = (): number => Date.now() / 1000 + skew;
    await using sandbox = await startSandbox({ orders: 2000, frozen: true, seed: 11, now: serverNow });
    await using place = new Installation(sandbox);
    const daemon = place.start([], { SHOPSYNC_SCHEDULE_ORDERS: 'off' });
    await synced(place, daemon);
    // The last second that both clocks have behind them: what the API stamps later is read when the slower one is there.
    const behind = Math.min(Date.now() / 1000, serverNow());
    sandbox.world.burst(150, Math.floor(behind) - 1);
    sandbox.world.place({ at: Math.floor(behind) - 1, still: true });
    await place.call('sync', { wait: true });

    const isPast = (line: string): boolean => Number(line.split(' ')[1]) < behind;
    expect(inDatabase(place).filter(isPast)).toEqual(inWorld(sandbox).filter(isPast));
    const [covered] = place.rows('select max(to_time) as last, min(from_time) as first from coverage');
    expect(Number(covered?.['last'])).toBeLessThanOrEqual(serverNow() - strip);
    expect(Number(covered?.['last'])).toBeGreaterThan(behind - strip - 30);

    const { paths } = sandbox.requests.toJSON();
    const refused = Object.values(paths).reduce((sum, { failed }) => sum + failed, 0);
    expect(refused).toBeLessThanOrEqual(1);
    expect((await place.history()).map(({ state }) => state)).not.toContain('failed');
  },
);
