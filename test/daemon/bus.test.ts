import { expect, test } from 'vitest';

import { createBus, type Published } from '../../daemon/bus.ts';
import { aRun } from './rpc/events.ts';

test('every watcher hears every change in order, with its time, until it leaves', () => {
  const bus = createBus({ now: () => 1_700_000_000_000, onWatcherError: () => expect.unreachable() });
  const first: Published[] = [];
  const second: Published[] = [];
  const leave = bus.watch((published) => first.push(published));
  bus.watch((published) => second.push(published));
  bus.publish({ topic: 'runs', key: 'r1', data: aRun('r1', 'running') });
  leave();
  bus.publish({ topic: 'runs', key: 'r1', data: aRun('r1', 'succeeded') });
  expect(first).toEqual([{ topic: 'runs', key: 'r1', data: aRun('r1', 'running'), at: '2023-11-14T22:13:20.000Z' }]);
  expect(second.map(({ data }) => data)).toEqual([aRun('r1', 'running'), aRun('r1', 'succeeded')]);
});

test('a watcher that throws concerns neither the publisher nor the others', () => {
  const failure = new Error('watcher');
  const heard: unknown[] = [];
  const errors: unknown[] = [];
  const bus = createBus({ now: () => 0, onWatcherError: (error) => errors.push(error) });
  bus.watch(() => {
    throw failure;
  });
  bus.watch((published) => heard.push(published.key));
  bus.publish({ topic: 'runs', key: 'r1', data: aRun('r1', 'running') });
  expect(heard).toEqual(['r1']);
  expect(errors).toEqual([failure]);
});
