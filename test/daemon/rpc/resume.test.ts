import fc from 'fast-check';
import { expect, test } from 'vitest';

import { newRig, progress, runChange } from './subscriber-rig.ts';

const step = fc.record({
  what: fc.constantFrom('run', 'run', 'run', 'progress', 'pass', 'block', 'read', 'lose', 'topics'),
  count: fc.nat(8),
});

test('lesson 7: through any losses, waits and overflows each run arrives once, in order, without a gap', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps) => {
      const { bus, another, sent, reader, pass } = newRig(undefined, 2000);
      let subscriber = another();
      let published = 0;
      let known = 0;
      const connect = async (after?: number): Promise<void> => {
        Object.assign(reader, { isBackedUp: false, wasCutOff: false });
        subscriber = another();
        const { seq, start } = await subscriber.subscribe(['runs', 'progress'], after);
        if (after !== undefined) expect(seq).toBe(after);
        known = sent.length;
        start();
      };
      const reconnect = async (): Promise<void> => {
        subscriber.unsubscribe();
        await connect(sent.at(-1)?.seq ?? 0);
      };
      await connect();
      for (const { what, count } of steps) {
        if (what === 'run') for (let run = 0; run < count; run++) bus.publish(runChange(`r${published++}`));
        else if (what === 'progress') bus.publish(progress(count));
        else if (what === 'pass') pass(count * 100);
        else if (what === 'block') reader.isBackedUp = true;
        else if (what === 'topics') (await subscriber.subscribe(['counts'])).start();
        else if (what === 'lose') {
          sent.splice(Math.max(known, sent.length - count));
          await reconnect();
        } else {
          reader.isBackedUp = false;
          subscriber.drained();
        }
        if (reader.wasCutOff) {
          expect(sent.at(-1)?.topic).toBe('overflow');
          await reconnect();
        }
      }
      reader.isBackedUp = false;
      subscriber.drained();
      const runs = sent.flatMap((event) => (event.topic === 'runs' ? [event.data.runId] : []));
      expect(runs).toEqual(Array.from({ length: published }, (_, run) => `r${run}`));
      expect(sent.map(({ seq }) => seq)).toEqual(sent.map((_, index) => index + 1));
    }),
    { numRuns: 300 },
  );
});
