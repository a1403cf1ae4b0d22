import { expect, test } from 'vitest';

import { auditWorld, clean } from './audit-world.ts';
import { createRandom, unusable } from './history-world.ts';
import { Workshop, start } from './workshop.ts';

const day = 86_400;

test('without drift, a handful of requests prove that the copy is whole', async () => {
  await using world = await auditWorld(1000);
  const run = await world.run();
  expect(run).toMatchObject({ kind: 'audit', state: 'succeeded', inserted: 0, updated: 0 });
  expect(run.audit).toMatchObject({ ...clean, remote: 1000, stored: 1000 });
  expect(run.audit?.statement).toMatch(/^as of \d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ: 1,000 of 1,000 orders, 0 stale$/);
  // Five spans, the future, and what is open.
  expect(run.requests).toBeLessThanOrEqual(12);
  expect(await world.workshop.watermark()).toBe((await world.state())?.watermark);
});

test('an audit covers nothing and moves no watermark', async () => {
  await using world = await auditWorld(300);
  await world.workshop.run();
  const [watermark, coverage] = [await world.workshop.watermark(), await world.workshop.coverage()];
  await world.erase(world.some(5));
  expect(await world.audit()).toMatchObject({ missing: 5 });
  expect([await world.workshop.watermark(), await world.workshop.coverage()]).toEqual([watermark, coverage]);
});

test('rows that are only here are counted and never touched', async () => {
  await using world = await auditWorld(800);
  const ids = world.some(3);
  for (const id of ids) world.workshop.shop.orders.delete(id);
  const before = await world.workshop.dump('orders');
  for (let i = 0; i < 2; i++) {
    const audit = await world.audit();
    expect(audit).toMatchObject({
      onlyLocal: 3,
      missing: 0,
      stale: 0,
      undecided: 0,
      remote: 797,
      stored: 797,
      repaired: 0,
    });
    expect(audit.drifted).toBeGreaterThan(0);
  }
  expect(await world.workshop.dump('orders')).toEqual(before);
});

test('records set aside count at their own times, in the place of the rows that they could not replace', async () => {
  await using world = await auditWorld(800);
  const { shop, clock } = world.workshop;
  for (const id of world.some(4)) shop.change(id, start + 60, { status: unusable });
  for (let i = 0; i < 3; i++) shop.place(start + 120, { status: unusable });
  clock.advance(3 * day);
  await world.workshop.run();
  expect(await world.workshop.dump('rejected_records')).toHaveLength(7);
  expect(await world.audit()).toMatchObject({ ...clean, remote: 803, stored: 803 });
});

test('update times in the future are counted', async () => {
  await using world = await auditWorld(200);
  const { shop, clock } = world.workshop;
  for (let i = 0; i < 2; i++) shop.place(clock.now - day, { createTime: clock.now - day });
  await world.workshop.run();
  for (const id of world.some(2)) shop.change(id, clock.now + 9 * day, { visibleAt: clock.now });
  const audit = await world.audit();
  expect(audit).toMatchObject({ future: 2, undecided: 0, missing: 2 });
  expect(audit.statement).toContain('2 with an update time in the future');
});

test('what is new while an audit waits lies in no future', async () => {
  await using world = await auditWorld(200);
  const { shop, clock } = world.workshop;
  const before = world.workshop.api.requests.length;
  world.workshop.api.set({
    before: (n) => {
      clock.advance(n === before + 1 ? 4000 : 10);
      shop.place(Math.floor(clock.now));
    },
  });
  expect(await world.audit()).toMatchObject(clean);
});

test('in a busy shop, where some orders show late, there is never a false drift, wherever the edges lie', async () => {
  await using world = await auditWorld(600);
  const { shop, clock } = world.workshop;
  world.workshop.api.set({
    before: () => {
      for (const id of world.some(3)) shop.change(id, Math.floor(clock.now));
      shop.place(Math.floor(clock.now));
      clock.advance(7);
    },
  });
  let requests = 0;
  for (let i = 0; i < 8; i++) {
    // Shown only when the audit's live run has read their times.
    for (let late = 30; late < 120; late += 10)
      shop.place(Math.floor(clock.now) - 10, { visibleAt: Math.floor(clock.now) + late });
    const { audit, ...run } = await world.run(i % 2 === 0);
    expect(audit).toMatchObject({
      missing: 0,
      stale: 0,
      onlyLocal: 0,
      undecided: 0,
      drifted: 0,
      stored: audit?.remote,
    });
    requests += run.requests;
    clock.advance(4000);
  }
  // What left its span before the live run between two counts is not gone after.
  expect(requests).toBeLessThanOrEqual(8 * 25);
});

test('only what is covered is compared; the statement tells since when', async () => {
  await using world = await auditWorld(600);
  await world.sql(`update coverage set from_time = ${start - 100 * day}`);
  await world.sql(`delete from orders where update_time < ${start - 100 * day}`);
  const history = Promise.withResolvers<void>();
  world.workshop.api.set({
    before: (_n, { body }) =>
      JSON.stringify(body ?? {}).includes(String(start - 400 * day)) ? history.promise : undefined,
  });
  const audit = await world.audit();
  history.resolve();
  expect(audit).toMatchObject({ ok: false, whole: false, stale: 0, undecided: 0 });
  expect(audit.statement).toMatch(/compared since 2026-\d\d-\d\d \d\d:\d\d:\d\dZ, what is older is not read yet$/);
  expect(audit.remote).toBeLessThan(400);
});

test('where nothing is read yet, an audit fails and says what to do', async () => {
  await using workshop = await Workshop.open({ random: createRandom(1) });
  workshop.api.set({
    before: (n) =>
      n === 1 ? workshop.store.change((db) => db.deleteFrom('coverage').execute()).then(() => undefined) : undefined,
  });
  workshop.shop.place(start - 50);
  const { ended } = await workshop.sync.request({ what: 'audit', repair: true }, 'manual');
  const run = await ended;
  expect(run).toMatchObject({
    state: 'failed',
    error: { code: 'busy', hint: expect.stringContaining('shopsync sync orders') },
  });
});

test('an audit ends after 1,000 requests, with what it has found', async () => {
  await using world = await auditWorld(1200);
  await world.erase([...world.workshop.shop.orders.keys()].slice(0, 1150));
  world.workshop.api.set({ pageSize: 1 });
  const run = await world.run(false);
  expect(run.requests).toBeGreaterThanOrEqual(1000);
  expect(run.requests).toBeLessThan(1010);
  expect(run.audit?.missing).toBeGreaterThan(100);
  expect(run.audit?.statement).toContain('; not everything that differs was gone after: audit again');
});
