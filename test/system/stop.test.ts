import { expect, test } from 'vitest';

import { endsPerJourney, travel } from './journey.ts';
import { setting } from './moments.ts';

const seed = setting('SEED', 1);
/** A drain: the page in flight is stored, then the daemon ends. Milliseconds. */
const within = 5000;

test.each([seed * 1000 + 1, seed * 1000 + 2])(
  `T37: SIGTERM at ${endsPerJourney} random moments ends with 0 in time, and the next start goes on (seed %i)`,
  async (own) => {
    const spent = await travel({
      seed: own,
      fromRequest: 1,
      end: async (daemon) => {
        const began = performance.now();
        expect(await daemon.kill('SIGTERM'), daemon.stderr).toEqual({ status: 0, signal: null });
        expect(performance.now() - began).toBeLessThan(within);
        expect(daemon.log.at(-1)).toMatchObject({ msg: 'stopped' });
      },
    });
    for (const [part, { sent, allowed }] of Object.entries(spent)) expect(sent, part).toBeLessThanOrEqual(allowed);
  },
);
