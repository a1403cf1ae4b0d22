import { expect, test } from 'vitest';

import { nightRecord } from '../../../daemon/store/night.ts';
import type { RunKind } from '../../../shared/run-views.ts';
import { Room, at, shop } from './room.ts';

const kinds = ['full', 'recheck', 'audit'] as const;
const hour = 3_600_000;

test('a stream without runs has no beginning, and nothing was done', async () => {
  await using room = await Room.open();
  expect(await room.store.query(nightRecord, shop, 'orders', kinds, room.now)).toEqual({
    since: null,
    settledAt: new Map(),
  });
});

test('the newest run of each kind that succeeded or was cancelled, of that stream alone', async () => {
  await using room = await Room.open();
  const first = room.now;
  const run = async (kind: RunKind, state: 'succeeded' | 'failed' | 'cancelled' | 'interrupted', stream = 'orders') => {
    room.now += hour;
    const { runId } = await room.store.beginRun({ shop, stream, kind, trigger: 'schedule', span: { from: 0, to: 1 } });
    room.now += 1000;
    await room.store.endRun({ shop, stream, runId, state, requests: 0 });
    return room.now - 1000;
  };
  const full = await run('full', 'succeeded');
  await run('audit', 'succeeded');
  const audit = await run('audit', 'succeeded');
  await run('audit', 'failed');
  await run('audit', 'interrupted');
  await run('recheck', 'succeeded');
  const cancelled = await run('recheck', 'cancelled');
  await run('audit', 'succeeded', 'returns');
  await run('full', 'failed');
  await room.begin({ ...at, kind: 'audit' });
  expect(await room.store.query(nightRecord, shop, 'orders', kinds, room.now)).toEqual({
    since: first + hour,
    settledAt: new Map([
      ['full', full],
      ['recheck', cancelled],
      ['audit', audit],
    ]),
  });
});
