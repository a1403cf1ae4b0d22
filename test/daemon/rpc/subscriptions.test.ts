import { expect, test } from 'vitest';

import type { Status } from '../../../shared/views.ts';
import { streamWith } from './events.ts';
import { emptyStatus } from './samples.ts';
import { brief, newRig, progress, runChange } from './subscriber-rig.ts';

test('the snapshot comes first, then what was published since the registration', async () => {
  const gate = Promise.withResolvers<Status>();
  const { bus, subscriber, sent } = newRig(() => gate.promise);
  bus.publish(runChange('before'));
  const subscribed = subscriber.subscribe(['runs', 'progress']);
  bus.publish(runChange('r1'));
  bus.publish(progress(1));
  bus.publish(progress(2));
  bus.publish(runChange('r1', 'succeeded'));
  gate.resolve(emptyStatus);
  const { seq, start: begin } = await subscribed;
  bus.publish(progress(3));
  expect(seq).toBe(0);
  expect(sent).toEqual([]);
  begin();
  expect(brief(sent)).toEqual(['1 snapshot', '2 r1 running', '3 r1 succeeded', '4 progress orders 3']);
  bus.publish(runChange('r2'));
  expect(brief(sent).at(-1)).toBe('5 r2 running');
});

test('progress goes out at most 4 times a second, and the last always arrives', async () => {
  const { bus, subscriber, sent, sentAt, pass, pending } = newRig();
  (await subscriber.subscribe(['progress', 'runs'])).start();
  for (let total = 1; total <= 1000; total++) {
    bus.publish(progress(total));
    pass(1);
  }
  bus.publish(progress(1001));
  pass(250);
  expect(sentAt).toEqual([0, 0, 250, 500, 750, 1000, 1250]);
  expect(brief(sent).at(-1)).toBe('7 progress orders 1001');
  pass(10_000);
  expect(sent.length).toBe(7);
  expect(pending()).toBe(0);
});

test('the keys of one sending come in the order of their latest change', async () => {
  const { bus, subscriber, sent, pass } = newRig();
  (await subscriber.subscribe(['progress', 'counts'])).start();
  bus.publish(progress(1, 'products'));
  bus.publish(progress(1));
  bus.publish({ topic: 'counts', key: 's1 orders', data: streamWith(2) });
  bus.publish(progress(3));
  pass(250);
  expect(brief(sent).slice(2)).toEqual(['3 counts orders 2', '4 progress orders 3']);
});

test('runs go out at once, all of them, whatever waits', async () => {
  const { bus, subscriber, sent } = newRig();
  (await subscriber.subscribe(['progress', 'runs'])).start();
  bus.publish(progress(1));
  bus.publish(progress(2));
  for (const state of ['running', 'succeeded'] as const) bus.publish(runChange('r1', state));
  expect(brief(sent)).toEqual(['1 snapshot', '2 progress orders 1', '3 r1 running', '4 r1 succeeded']);
});

test('a reader that is behind gets the latest when it has caught up', async () => {
  const { bus, subscriber, sent, reader, pass } = newRig();
  (await subscriber.subscribe(['progress', 'runs'])).start();
  reader.isBackedUp = true;
  for (let total = 1; total <= 100; total++) {
    bus.publish(progress(total));
    pass(100);
  }
  expect(brief(sent)).toEqual(['1 snapshot']);
  reader.isBackedUp = false;
  subscriber.drained();
  expect(brief(sent)).toEqual(['1 snapshot', '2 progress orders 100']);
});

test('topics that were not asked for, or no longer, bring nothing', async () => {
  const { bus, subscriber, sent, pass, pending } = newRig();
  (await subscriber.subscribe(['progress'])).start();
  bus.publish(runChange('r1'));
  bus.publish(progress(1));
  bus.publish(progress(2));
  expect(subscriber.unsubscribe(['progress'])).toEqual([]);
  expect(pending()).toBe(0);
  bus.publish(progress(3));
  pass(1000);
  expect(brief(sent)).toEqual(['1 snapshot', '2 progress orders 1']);
});

test('a second subscribe adds topics and brings a snapshot in the same count', async () => {
  const { bus, subscriber, sent } = newRig();
  (await subscriber.subscribe(['progress'])).start();
  const { seq, start: begin } = await subscriber.subscribe(['runs']);
  bus.publish(runChange('r1'));
  begin();
  expect(seq).toBe(1);
  expect(brief(sent)).toEqual(['1 snapshot', '2 snapshot', '3 r1 running']);
});

test('a snapshot that fails leaves no subscription behind', async () => {
  const { bus, subscriber, sent } = newRig(() => Promise.reject(new Error('store')));
  await expect(subscriber.subscribe(['runs'])).rejects.toThrow('store');
  bus.publish(runChange('r1'));
  expect(sent).toEqual([]);
});

test('who wants nothing any more gets nothing that waited, not even the snapshot', async () => {
  const { bus, subscriber, sent, reader } = newRig();
  reader.isBackedUp = true;
  (await subscriber.subscribe(['progress', 'runs'])).start();
  bus.publish(runChange('r1'));
  subscriber.unsubscribe(['runs']);
  subscriber.unsubscribe(['progress']);
  reader.isBackedUp = false;
  subscriber.drained();
  expect(sent).toEqual([]);
});
