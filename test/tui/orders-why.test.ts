import { expect, it, vi } from 'vitest';

import { runClient } from './client-process.ts';
import { startDaemon } from './room.ts';

vi.setConfig({ testTimeout: 30_000 });

const unread = 'no run has read its span yet';
const updateTime = '2026-11-22T09:41:00.000Z';

it.each([
  ['not_at_remote', null, '576  not there: the API knows no such order\n'],
  [
    'not_covered',
    updateTime,
    `576  not stored yet: its time is not covered\nits update_time is 2026-11-22 09:41Z\n${unread}\n`,
  ],
])('of an order that is %s it says nothing about runs unless its time is known', async (verdict, time, words) => {
  const daemon = await startDaemon();
  daemon.scripts.set('orders.why', () => ({ verdict, shop: null, events: [], updateTime: time, covered: null }));
  const { stdout } = await runClient(['orders', 'why', '576', '--socket', daemon.path]);
  expect(stdout).toBe(words);
});
