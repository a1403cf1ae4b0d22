import { expect, test } from 'vitest';

import type { Event, Status, StreamStatus } from '../../shared/views.ts';
import { Narrator } from '../../tui/narrator.ts';
import { aRun } from '../daemon/rpc/events.ts';
import { audited, failure, progress, run, status, stream } from './samples.ts';
import { manyShops } from './shops.ts';

const at = '2026-11-22T09:41:00Z';
const snapshot = (seq: number, over: Partial<Status> = {}): Event => ({
  topic: 'snapshot',
  seq,
  at,
  data: status(over),
});
const ran = (seq: number): Event => ({ topic: 'runs', seq, at, data: aRun(`r${seq}`, 'succeeded') });
const head = /^shopsyncd .*, pid \d+$/;

/** All lines from one narrator. */
const linesOf = (...events: readonly Event[]): readonly string[] => {
  const narrator = new Narrator(() => Date.parse(at));
  return events.flatMap((event) => narrator.event(event));
};

test('a snapshot in an unbroken count of the same daemon says nothing again', () => {
  const first = linesOf(snapshot(1));
  const both = linesOf(snapshot(1), ran(2), snapshot(3));
  expect(first[0]).toMatch(head);
  expect(first.length).toBeGreaterThan(1);
  expect(both.length).toBe(first.length + 1);
  expect(both.at(-1)).toContain('succeeded');
});

test('every line names the shop and the stream, and each shop is told with its id', () => {
  const two = manyShops(2, {}, ['orders', 'analytics']);
  const shop = '7490000000000000001';
  const error = failure({ at, message: 'it broke' });
  const said = linesOf(
    { topic: 'snapshot', seq: 1, at, data: two },
    { topic: 'runs', seq: 2, at, data: run({ shop, stream: 'analytics' }) },
    { topic: 'progress', seq: 3, at, data: stream({ shop, stream: 'analytics', run: progress() }) },
    { topic: 'counts', seq: 4, at, data: stream({ shop, lastError: error }) },
    { topic: 'counts', seq: 5, at, data: stream({ shop }) },
  );
  for (const words of [
    `shop ${shop}: Sandbox Company Europe B, GB`,
    'Sandbox Company Europe A: orders: 500 stored, complete since 2020-01-01, fresh to ',
    'Sandbox Company Europe B: analytics: 500 stored, complete since 2020-01-01, days to ',
    'Sandbox Company Europe B: analytics incremental succeeded after 25 s',
    'Sandbox Company Europe B: analytics full: 61,000 of 100,000 (61 %), 1,250 days/s',
    'Sandbox Company Europe B: orders: incremental run failed just now: It broke.',
    'Sandbox Company Europe B: orders works again',
  ])
    expect(
      said.some((line) => line.startsWith(words)),
      `${words}\n${said.join('\n')}`,
    ).toBe(true);
});

test('an audit and a recheck say in their own words how far they are and what they found', () => {
  const going = (seq: number, kind: 'audit' | 'recheck', name: string): Event => ({
    topic: 'progress',
    seq,
    at,
    data: stream({ stream: name, run: progress({ kind, done: 12, expected: 40, requests: 18, perSecond: 4 }) }),
  });
  const said = linesOf(
    snapshot(1),
    going(2, 'audit', 'orders'),
    going(3, 'recheck', 'returns'),
    { topic: 'runs', seq: 4, at, data: run({ kind: 'audit', audit: audited() }) },
    { topic: 'runs', seq: 5, at, data: run({ runId: 'p', kind: 'partial', statuses: ['UNPAID', 'ON_HOLD'] }) },
    { topic: 'runs', seq: 6, at, data: run({ runId: 'r', kind: 'recheck', seen: 40, inserted: 0, localOnly: 2 }) },
  );
  expect(said.slice(-5)).toEqual([
    'Demo shop: orders audit: 12 of 40 steps (30 %), 18 requests, 31 s left',
    'Demo shop: returns recheck: 12 of 40 asked again (30 %), 4 returns/s, 31 s left',
    'Demo shop: orders audit succeeded after 25 s: as of 2026-11-22 03:15:10Z: 100,000 of 100,000 orders, 0 stale; 2 requests',
    'Demo shop: orders partial (UNPAID, ON_HOLD) succeeded after 25 s: 100,000 seen, 99,000 inserted, 12 updated, 2 requests',
    'Demo shop: orders recheck succeeded after 25 s: 40 seen, 0 inserted, 12 updated, 2 only here, 2 requests',
  ]);
});

test.each([
  ['after a gap', snapshot(7)],
  ['of another daemon', snapshot(2, { instanceId: 'another' })],
])('a snapshot %s says all of it', (_, second) => {
  expect(linesOf(snapshot(1), second).filter((line) => head.test(line)).length).toBe(2);
});

test('a pause that began or ended while nobody could be told is told', () => {
  const paused = { paused: { since: at } };
  const said = linesOf(snapshot(1), snapshot(2, paused), snapshot(3, paused), snapshot(4));
  expect(said.filter((line) => line.includes('paused'))).toEqual([
    expect.stringMatching(/^paused since .*; to go on: shopsync resume$/),
    'no longer paused',
  ]);
});

test('a pause that begins or ends while it watches is told once, whatever the number of streams', () => {
  const waiting = { nextRunAt: null, nextRunReason: 'paused' };
  const told = (seq: number, over: Partial<StreamStatus>): Event => ({ topic: 'counts', seq, at, data: stream(over) });
  const progress = (seq: number, over: Partial<StreamStatus>): Event => ({
    topic: 'progress',
    seq,
    at,
    data: stream(over),
  });
  const said = linesOf(
    snapshot(1),
    progress(2, waiting),
    told(3, { ...waiting, stream: 'products' }),
    snapshot(4, { paused: { since: at } }),
    progress(5, { nextRunReason: null }),
    progress(6, { nextRunReason: 'cron 0 * * * *, UTC' }),
    told(7, { stream: 'products', nextRunReason: 'the schedule is off' }),
    snapshot(8),
  );
  expect(said.filter((line) => line.includes('paused'))).toEqual([
    'paused: nothing starts by itself; to go on: shopsync resume',
    'no longer paused',
  ]);
});
