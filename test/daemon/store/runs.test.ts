import { expect, test } from 'vitest';

import { Room, at, shop } from './room.ts';
import { day, order } from './wire.ts';

test('run ids sort by the order in which the runs began, within one millisecond and after a clock set back', async () => {
  await using room = await Room.open();
  const ids: string[] = [];
  for (const ms of [0, 0, 0, 5, 5, -7_200_000, -7_200_000, 1, 10, 11]) {
    room.now = day * 1000 + ms;
    ids.push((await room.begin()).runId);
  }
  expect(ids.toSorted()).toEqual(ids);
  expect(new Set(ids).size).toBe(ids.length);
  expect((await room.store.history({ limit: 50 })).map((run) => run.runId)).toEqual(ids.toReversed());
});

test('a run begins with what it is to read, running and with no numbers', async () => {
  await using room = await Room.open();
  expect(await room.begin({ kind: 'full', trigger: 'start', span: { from: 0, to: day } })).toEqual({
    runId: expect.stringMatching(/^[0-9a-z]{14}$/),
    stream: 'orders',
    shop,
    kind: 'full',
    trigger: 'start',
    state: 'running',
    startedAt: '2026-09-21T14:13:20.000Z',
    finishedAt: null,
    from: '1970-01-01T00:00:00.000Z',
    to: '2026-09-21T14:13:20.000Z',
    requests: 0,
    seen: 0,
    inserted: 0,
    updated: 0,
    unchanged: 0,
    rejected: 0,
  });
  expect(await room.store.run('nobody')).toBeUndefined();
});

test('runs that a killed daemon left are closed as interrupted, with the numbers of their last commit', async () => {
  await using room = await Room.open();
  const { runId: done } = await room.begin();
  await room.end({ runId: done });
  const { runId: killed } = await room.begin({ kind: 'full' });
  await room.page({ runId: killed, records: [order('a')], requests: 3 });
  const { runId: other } = await room.begin({ shop: 'another' });
  room.now += 60_000;
  await room.open();
  expect([...(await room.store.closeInterrupted())].toSorted()).toEqual([killed, other]);
  expect(await room.store.run(killed)).toMatchObject({
    state: 'interrupted',
    finishedAt: '2026-09-21T14:14:20.000Z',
    requests: 3,
    inserted: 1,
  });
  expect(await room.store.run(done)).toMatchObject({ state: 'succeeded', finishedAt: '2026-09-21T14:13:20.000Z' });
  expect(await room.store.closeInterrupted()).toEqual([]);
});

test('rule 8: beginning a run closes an orphan of its kind, and no other', async () => {
  await using room = await Room.open();
  const orphan = await room.begin();
  const others = [
    await room.begin({ kind: 'full' }),
    await room.begin({ shop: 'another' }),
    await room.begin({ stream: 'products' }),
  ];
  const next = await room.begin();
  expect(await room.store.run(orphan.runId)).toMatchObject({ state: 'interrupted' });
  for (const { runId } of [...others, next])
    expect(await room.store.run(runId)).toMatchObject({ state: 'running', finishedAt: null });
});

test('history by each filter, and by pages', async () => {
  await using room = await Room.open();
  const begin = async (change: Parameters<Room['begin']>[0], end?: 'succeeded' | 'failed') => {
    const { runId } = await room.begin(change);
    if (end !== undefined) await room.end({ runId, state: end });
    return runId;
  };
  const full = await begin({ kind: 'full' }, 'succeeded');
  const failed = await begin({}, 'failed');
  const foreign = await begin({ shop: 'another', kind: 'full' }, 'succeeded');
  const products = await begin({ stream: 'products' }, 'succeeded');
  const running = await begin({});
  const ids = async (filter: Partial<Parameters<typeof room.store.history>[0]>) =>
    (await room.store.history({ limit: 50, ...filter })).map((run) => run.runId);
  expect(await ids({})).toEqual([running, products, foreign, failed, full]);
  expect(await ids({ shop })).toEqual([running, products, failed, full]);
  expect(await ids({ stream: 'orders' })).toEqual([running, foreign, failed, full]);
  expect(await ids({ kind: 'full' })).toEqual([foreign, full]);
  expect(await ids({ kind: 'full', shop })).toEqual([full]);
  expect(await ids({ state: 'failed' })).toEqual([failed]);
  expect(await ids({ limit: 2 })).toEqual([running, products]);
  expect(await ids({ limit: 2, before: products })).toEqual([foreign, failed]);
  expect(await ids({ before: full })).toEqual([]);
});

test('a resync counts what all its runs have seen', async () => {
  await using room = await Room.open();
  const { runId: first } = await room.begin({ kind: 'full' });
  await room.page({ runId: first, records: [order('a'), order('b')] });
  await room.end({ runId: first, state: 'cancelled' });
  const { runId: second } = await room.begin({ kind: 'full', continues: first });
  await room.page({ runId: second, records: [order('a')], rejected: [{ recordId: null, reason: '', payload: '1' }] });
  expect(await room.store.ledgerSeen(first)).toBe(4);
  expect(await room.store.ledgerSeen('nobody')).toBe(0);
  expect(await room.store.lastFullRun(at.shop, 'products')).toBeUndefined();
});

test('T17: a run never ends before it began, even when the clock was set back meanwhile', async () => {
  await using room = await Room.open();
  const { runId, startedAt } = await room.begin();
  room.now -= 3_600_000;
  await room.end({ runId, state: 'cancelled' });
  expect(await room.store.run(runId)).toMatchObject({ startedAt, finishedAt: startedAt });
});
