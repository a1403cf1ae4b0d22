import { expect, test } from 'vitest';

import { endsPerJourney, travel } from './journey.ts';
import { setting } from './moments.ts';

const kills = setting('KILLS', 30);
const seed = setting('SEED', 1);
const journeys = Array.from({ length: Math.ceil(kills / endsPerJourney) }, (_, i) => seed * 1000 + i);

test.each(journeys)(
  `T10, rules 1 and 2: SIGKILL at ${endsPerJourney} random moments loses nothing and reads nothing twice (seed %i)`,
  async (own) => {
    const spent = await travel({
      seed: own,
      fromRequest: 0,
      end: async (daemon) => {
        expect(await daemon.kill('SIGKILL')).toEqual({ status: null, signal: 'SIGKILL' });
      },
    });
    console.log(`seed ${own}: ${JSON.stringify(spent)}`);
    for (const [part, { sent, allowed }] of Object.entries(spent)) expect(sent, part).toBeLessThanOrEqual(allowed);
  },
);
