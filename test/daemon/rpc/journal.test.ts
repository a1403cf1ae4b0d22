import fc from 'fast-check';
import { expect, test } from 'vitest';

import { createBus } from '../../../daemon/bus.ts';
import { Journal } from '../../../daemon/rpc/journal.ts';
import { aRun } from './events.ts';

const newRig = () => {
  const bus = createBus({ now: Date.now, onWatcherError: () => expect.unreachable() });
  const journal = new Journal(bus.watch);
  let published = 0;
  const publish = (): void => {
    const runId = `r${published++}`;
    bus.publish({ topic: 'runs', key: runId, data: aRun(runId, 'running') });
  };
  const missed = (seq: number): string[] | undefined => journal.resume(seq)?.missed.map(({ key }) => key);
  return { journal, publish, missed };
};

test('whatever was sent to whom, each comes back to exactly what it did not get', () => {
  const step = fc.record({ what: fc.constantFrom('publish', 'state', 'begin', 'lost'), who: fc.nat(3) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const { journal, publish, missed } = newRig();
      let runs = 0;
      const watchers: { trail: ReturnType<Journal['begin']>; first: number; got: number[]; from: number }[] = [];
      const send = (watcher: (typeof watchers)[number], isRun: boolean): void => {
        const seq = watcher.first + watcher.got.length;
        watcher.trail.sent(seq, isRun);
        watcher.got.push(isRun ? runs : 0);
      };
      for (const { what, who } of steps) {
        const watcher = watchers[who % Math.max(1, watchers.length)];
        if (what === 'publish') {
          publish();
          runs++;
          for (const each of watchers) send(each, true);
        } else if (what === 'begin') {
          const seq = journal.newSeq();
          watchers.push({ trail: journal.begin(seq), first: seq + 1, got: [], from: runs });
        } else if (watcher !== undefined && what === 'state') send(watcher, false);
        else if (watcher !== undefined) {
          const count = who % (watcher.got.length + 1);
          const told = Math.max(watcher.from, ...watcher.got.slice(0, count));
          expect(missed(watcher.first - 1 + count)).toEqual(
            Array.from({ length: runs - told }, (_, index) => `r${told + index}`),
          );
        }
      }
    }),
    { numRuns: 300 },
  );
});

test('rule 11: what is older than the last thousand runs is not taken up', () => {
  const { journal, publish, missed } = newRig();
  const trail = journal.begin(journal.newSeq());
  for (let seq = 1; seq <= 1500; seq++) {
    publish();
    trail.sent(seq, true);
  }
  expect(missed(499)).toBeUndefined();
  expect(missed(500)?.length).toBe(1000);
  expect(missed(1499)).toEqual(['r1499']);
  expect(missed(1500)).toEqual([]);
  expect(missed(1501)).toBeUndefined();
});

test('rule 11: who was away for more than a thousand runs is not taken up', () => {
  const { journal, publish, missed } = newRig();
  const seq = journal.newSeq();
  journal.end(journal.begin(seq));
  for (let run = 0; run < 1000; run++) publish();
  expect(missed(seq)?.length).toBe(1000);
  publish();
  expect(missed(seq)).toBeUndefined();
});

test('rule 11: of the subscriptions that are over the last 64 are remembered, those that live always', () => {
  const { journal, publish, missed } = newRig();
  const live = journal.begin(journal.newSeq());
  const gone = Array.from({ length: 65 }, () => {
    const seq = journal.newSeq();
    journal.end(journal.begin(seq));
    return seq;
  });
  publish();
  expect(missed(gone[0] ?? 0)).toBeUndefined();
  expect(missed(gone[1] ?? 0)).toEqual(['r0']);
  expect(missed(0)).toEqual(['r0']);
  live.sent(1, true);
  expect(missed(1)).toEqual([]);
});

test('lesson 7: two subscriptions never share a number', () => {
  const { journal } = newRig();
  expect([journal.newSeq(), journal.newSeq(), journal.newSeq()]).toEqual([0, 1_000_000_000, 2_000_000_000]);
});
