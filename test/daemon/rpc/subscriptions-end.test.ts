import { expect, test } from 'vitest';

import type { Status } from '../../../shared/views.ts';
import { aRun } from './events.ts';
import { emptyStatus } from './samples.ts';
import { brief, newRig, progress, runChange } from './subscriber-rig.ts';

test('rule 11: more runs than can be kept for a snapshot cut the reader off', async () => {
  const gate = Promise.withResolvers<Status>();
  const { bus, subscriber, reader, sent } = newRig(() => gate.promise, 2000);
  const subscribed = subscriber.subscribe(['runs']);
  const size = JSON.stringify(aRun('r1', 'running')).length;
  const fits = Math.floor(2000 / size);
  for (let run = 1; run <= fits; run++) bus.publish(runChange(`r${run}`));
  expect(reader.wasCutOff).toBe(false);
  bus.publish(runChange('r9'));
  expect(reader.wasCutOff).toBe(true);
  gate.resolve(emptyStatus);
  (await subscribed).start();
  expect(brief(sent)).toEqual(['1 overflow']);
  expect(sent[0]?.data).toEqual({ dropped: fits + 1 });
});

test('lesson 6: a reader that is too far behind gets what it took, the overflow without a gap, and no more', async () => {
  const { bus, subscriber, sent, reader } = newRig(undefined, 2000);
  (await subscriber.subscribe(['runs', 'progress'])).start();
  bus.publish(runChange('r1'));
  reader.isBackedUp = true;
  for (let run = 2; !reader.wasCutOff; run++) bus.publish(runChange(`r${run}`));
  bus.publish(runChange('late'));
  reader.isBackedUp = false;
  subscriber.drained();
  expect(brief(sent)).toEqual(['1 snapshot', '2 r1 running', '3 overflow']);
});

test('what waits for the reader comes in order when it reads again', async () => {
  const { bus, subscriber, sent, reader } = newRig();
  (await subscriber.subscribe(['runs'])).start();
  reader.isBackedUp = true;
  for (const run of ['r1', 'r2', 'r3']) bus.publish(runChange(run));
  expect(brief(sent)).toEqual(['1 snapshot']);
  reader.isBackedUp = false;
  subscriber.drained();
  bus.publish(runChange('r4'));
  expect(brief(sent)).toEqual(['1 snapshot', '2 r1 running', '3 r2 running', '4 r3 running', '5 r4 running']);
});

test('rule 11: what was sent after a wait counts no more against the reader', async () => {
  const { bus, subscriber, sent, reader } = newRig(undefined, 2000);
  (await subscriber.subscribe(['runs'])).start();
  for (let run = 0; run < 100; run++) {
    reader.isBackedUp = true;
    bus.publish(runChange(`r${run}`));
    reader.isBackedUp = false;
    subscriber.drained();
  }
  expect(sent.length).toBe(101);
  expect(reader.wasCutOff).toBe(false);
});

test('lesson 18: a stop sends everything that waits, then says so, then nothing', async () => {
  const { bus, subscriber, sent, reader, pass, pending } = newRig();
  (await subscriber.subscribe(['runs', 'progress'])).start();
  bus.publish(progress(1));
  bus.publish(progress(2));
  reader.isBackedUp = true;
  bus.publish(runChange('r1'));
  subscriber.shutDown();
  subscriber.shutDown();
  bus.publish(runChange('r2'));
  pass(1000);
  expect(pending()).toBe(0);
  expect(brief(sent).slice(2)).toEqual(['3 r1 running', '4 progress orders 2', '5 shutdown']);
});

test('lesson 18: who awaits the snapshot when the daemon stops learns of the stop after its reply', async () => {
  const gate = Promise.withResolvers<Status>();
  const { subscriber, sent } = newRig(() => gate.promise);
  const subscribed = subscriber.subscribe(['runs']);
  subscriber.shutDown();
  expect(sent).toEqual([]);
  gate.resolve(emptyStatus);
  (await subscribed).start();
  expect(brief(sent)).toEqual(['1 shutdown']);
});

test('lesson 7: one that comes back gets the runs that it missed, in the same count, then a snapshot', async () => {
  const { bus, subscriber, sent, another } = newRig();
  (await subscriber.subscribe(['runs', 'progress'])).start();
  bus.publish(progress(1));
  for (const run of ['r1', 'r2', 'r3']) bus.publish(runChange(run));
  subscriber.unsubscribe();
  bus.publish(runChange('r4'));
  expect(brief(sent).slice(-2)).toEqual(['4 r2 running', '5 r3 running']);
  sent.length = 0;
  // Of the five events sent, the last two got lost on the way.
  const back = another();
  const subscribed = back.subscribe(['runs', 'progress'], 3);
  bus.publish(runChange('r5'));
  const { seq, start: begin } = await subscribed;
  begin();
  expect(seq).toBe(3);
  expect(brief(sent)).toEqual(['4 r2 running', '5 r3 running', '6 r4 running', '7 snapshot', '8 r5 running']);
});

test('lesson 7: the overflow is a place to come back to', async () => {
  const { bus, subscriber, sent, reader, another } = newRig(undefined, 1000);
  (await subscriber.subscribe(['runs'])).start();
  reader.isBackedUp = true;
  for (let run = 1; !reader.wasCutOff; run++) bus.publish(runChange(`r${run}`));
  reader.isBackedUp = false;
  expect(brief(sent)).toEqual(['1 snapshot', '2 overflow']);
  sent.length = 0;
  (await another().subscribe(['runs'], 2)).start();
  expect(brief(sent).slice(0, 2)).toEqual(['3 r1 running', '4 r2 running']);
  expect(brief(sent).at(-1)).toBe(`${sent.length + 2} snapshot`);
});

test('a number that nobody was sent, or without runs, begins anew with numbers of its own', async () => {
  const { bus, subscriber, sent, another } = newRig();
  (await subscriber.subscribe(['runs'])).start();
  bus.publish(runChange('r1'));
  for (const [topics, after] of [
    [['runs'], 3],
    [['progress'], 1],
    [['runs'], 10_000_000_000],
  ] as const) {
    sent.length = 0;
    const { seq, start: begin } = await another().subscribe(topics, after);
    begin();
    expect(seq).not.toBe(after);
    expect(sent.map((event) => [event.topic, event.seq])).toEqual([['snapshot', seq + 1]]);
  }
});
