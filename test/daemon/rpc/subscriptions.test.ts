import { expect, test } from 'vitest';

import { type Change, createBus } from '../../../daemon/bus.ts';
import { Subscriber } from '../../../daemon/rpc/subscriptions.ts';
import type { Event, Status } from '../../../shared/views.ts';
import { aRun, streamWith } from './events.ts';
import { emptyStatus } from './harness.ts';

const start = Date.parse('2026-01-01T00:00:00Z');

/** A subscriber in a time that only the test moves, with a reader that it can hold up. */
const newRig = (snapshot: () => Promise<Status> = () => Promise.resolve(emptyStatus)) => {
  let now = start;
  let timers: { at: number; run: () => void }[] = [];
  const sent: Event[] = [];
  const sentAt: number[] = [];
  const reader = { isBackedUp: false, wasCutOff: false };
  const bus = createBus({ now: () => now, onWatcherError: () => expect.unreachable() });
  const subscriber = new Subscriber(
    {
      watch: bus.watch,
      snapshot,
      now: () => now,
      schedule: (run, ms) => {
        const timer = { at: now + ms, run };
        timers.push(timer);
        return () => (timers = timers.filter((other) => other !== timer));
      },
    },
    {
      send: (event) => {
        sent.push(event);
        sentAt.push(now - start);
      },
      get isBackedUp() {
        return reader.isBackedUp;
      },
      cutOff: () => (reader.wasCutOff = true),
    },
  );
  const pass = (ms: number): void => {
    now += ms;
    for (const timer of timers.filter(({ at }) => at <= now)) {
      timers = timers.filter((other) => other !== timer);
      timer.run();
    }
  };
  return { bus, subscriber, sent, sentAt, reader, pass, pending: () => timers.length };
};

const progress = (total: number, stream?: string): Change => ({
  topic: 'progress',
  key: `s1 ${stream ?? 'orders'}`,
  data: streamWith(total, stream),
});
const runChange = (runId: string, state: 'running' | 'succeeded' = 'running'): Change => ({
  topic: 'runs',
  key: runId,
  data: aRun(runId, state),
});
const brief = (events: readonly Event[]): string[] =>
  events.map((event) => {
    if (event.topic === 'runs') return `${event.seq} ${event.data.runId} ${event.data.state}`;
    return event.topic === 'snapshot' || event.topic === 'api'
      ? `${event.seq} ${event.topic}`
      : `${event.seq} ${event.topic} ${event.data.stream} ${event.data.total}`;
  });

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

test('rule 11: more runs than can be kept for a snapshot cut the reader off', async () => {
  const { bus, subscriber, reader } = newRig(() => new Promise(() => {}));
  void subscriber.subscribe(['runs']);
  for (let run = 0; run < 1000; run++) bus.publish(runChange(`r${run}`));
  expect(reader.wasCutOff).toBe(false);
  bus.publish(runChange('r1000'));
  expect(reader.wasCutOff).toBe(true);
});
