import { expect, test } from 'vitest';

import { auditWorld, clean, quoted } from './audit-world.ts';
import { differences, start } from './workshop.ts';

const day = 86_400;
const tables = ['orders', 'order_line_items', 'order_events', 'rejected_records', 'doubts', 'coverage', 'oddities'];

test('what was deleted and what was made stale in several ways is found and repaired', async () => {
  await using world = await auditWorld(1200);
  const ids = world.some(20);
  await world.erase(ids.slice(0, 10));
  for (const id of ids.slice(10, 13)) await world.age(id, 3600);
  for (const id of ids.slice(13, 15)) await world.age(id, 30 * day);
  for (const id of ids.slice(15, 18)) await world.setBack(id);
  await world.sql(`update orders set status = 'UNPAID' where id in ('${ids[18]}', '${ids[19]}')`);
  expect((await differences(world.workshop)).length).toBeGreaterThanOrEqual(18);
  const run = await world.run();
  expect(run.audit).toMatchObject({ missing: 10, stale: 10, onlyLocal: 0, undecided: 0, remote: 1200, stored: 1200 });
  expect(run.audit?.statement).toContain('0 stale; 10 missing and 10 stale were found and mended');
  expect(run.audit?.drifted).toBe(run.audit?.repaired);
  expect(run.requests).toBeLessThanOrEqual(60);
  expect(await differences(world.workshop)).toEqual([]);
  expect(await world.audit()).toMatchObject({ ...clean, remote: 1200, stored: 1200 });
});

test('rows that are deleted and whose events are left are found by those alone', async () => {
  await using world = await auditWorld(1000);
  const before = await world.run();
  const ids = world.some(30);
  await world.sql(`delete from orders where id in (${quoted(ids)})`);
  const run = await world.run();
  expect(run.audit).toMatchObject({ missing: 30, stored: 1000, repaired: run.audit?.drifted });
  expect(run.audit?.drifted).toBeGreaterThan(0);
  expect(run.requests).toBeLessThanOrEqual(before.requests + 1);
  expect(await differences(world.workshop)).toEqual([]);
});

test('with repair false nothing is written, and the same is told', async () => {
  await using world = await auditWorld(1000);
  const ids = world.some(12);
  await world.erase(ids.slice(0, 5));
  for (const id of ids.slice(5, 8)) await world.age(id, day);
  for (const id of ids.slice(8)) await world.setBack(id, 3);
  await world.workshop.run();
  const dump = () => Promise.all(tables.map((table) => world.workshop.dump(table)));
  const before = await dump();
  const told = await world.audit(false);
  expect(told).toMatchObject({ ok: false, missing: 5, stale: 7, repaired: 0, undecided: 0, stored: 995 });
  expect(told.drifted).toBeGreaterThan(0);
  expect(told.statement).toContain('995 of 1,000 orders, 7 stale; 5 missing, nothing was repaired');
  expect(await dump()).toEqual(before);
  expect(await world.audit()).toMatchObject({ ok: true, missing: 5, stale: 7 });
  expect(await differences(world.workshop)).toEqual([]);
});

test('what counts cannot see, because the times before and after lie in one span, a later audit sees with other edges', async () => {
  await using world = await auditWorld(600);
  const { shop, clock } = world.workshop;
  const [id = ''] = world.some(1, (status, created) => status === 'COMPLETED' && created < start - 200 * day);
  const last = shop.orders.get(id)?.versions.at(-1)?.updateTime ?? 0;
  shop.change(id, last + 25 * day, { status: 'COMPLETED' });
  clock.advance(60);
  await world.workshop.reread(last, last + 26 * day);
  expect(await differences(world.workshop)).toEqual([]);
  await world.setBack(id);
  const found: number[] = [];
  while (found.at(-1) !== 1 && found.length < 300) found.push((await world.audit()).stale);
  expect(found.length).toBeGreaterThan(1);
  expect(found.at(-1)).toBe(1);
  expect(await differences(world.workshop)).toEqual([]);
});

test('line items that are gone, and a payload that was edited, are asked for and written back', async () => {
  await using world = await auditWorld(200);
  const [a = '', b = '', c = ''] = world.some(3);
  await world.sql(`delete from order_line_items where order_id = '${a}'`);
  await world.sql(`update orders set payload = 'no JSON' where id = '${b}'`);
  await world.sql(`update orders set payload = json_set(payload, '$.update_time', 17) where id = '${c}'`);
  expect(await world.audit()).toMatchObject({ stale: 3, missing: 0, undecided: 0 });
  expect(await differences(world.workshop)).toEqual([]);
  expect(await world.workshop.dump('order_line_items')).toHaveLength(200);
  expect(await world.audit()).toMatchObject(clean);
});

test('stale records that nothing but their update times tells of are found where an edge lies between', async () => {
  await using world = await auditWorld(1500);
  const { shop, clock } = world.workshop;
  const ids = world.some(8, (status, created) => status === 'COMPLETED' && created < start - 150 * day);
  for (const id of ids) shop.change(id, (shop.orders.get(id)?.versions.at(-1)?.updateTime ?? 0) + 110 * day);
  clock.advance(60);
  await world.workshop.reread(start - 300 * day, start);
  expect(await differences(world.workshop)).toEqual([]);
  for (const id of ids) await world.setBack(id);
  const audits = [];
  for (let i = 0; i < 6; i++) audits.push(await world.audit());
  expect(audits[0]?.stale).toBeGreaterThan(3);
  expect(audits[0]?.drifted).toBeGreaterThan(0);
  expect(audits.reduce((sum, { stale }) => sum + stale, 0)).toBe(8);
  for (const audit of audits) expect(audit).toMatchObject({ missing: 0, undecided: 0, repaired: audit.drifted });
  expect(await differences(world.workshop)).toEqual([]);
});

test('a row that claims to be newer than the order is settled by id', async () => {
  await using world = await auditWorld(1500);
  const ids = world.some(3, (status, created) => status === 'COMPLETED' && created < start - 200 * day);
  await world.sql(`update orders set update_time = update_time + ${120 * day},
    payload = json_set(payload, '$.update_time', update_time + ${120 * day}) where id in (${quoted(ids)})`);
  const audits = [];
  for (let i = 0; i < 4; i++) audits.push(await world.audit());
  expect(audits.reduce((sum, { stale }) => sum + stale, 0)).toBe(3);
  for (const audit of audits) expect(audit).toMatchObject({ missing: 0, onlyLocal: 0, undecided: 0 });
  expect(await differences(world.workshop)).toEqual([]);
  expect(await world.workshop.dump('doubts')).toEqual([]);
});

test('open records that the daily recheck reads are left to it', async () => {
  await using world = await auditWorld(800, { recheck: 45 * day });
  const created = (id: string): number => world.workshop.shop.orders.get(id)?.createTime ?? 0;
  const [young = ''] = world.some(1, (status, at) => status === 'DELIVERED' && at > start - 40 * day);
  const [old = ''] = world.some(1, (status, at) => status === 'COMPLETED' && at < start - 50 * day);
  expect(created(young)).toBeGreaterThan(created(old));
  await world.setBack(old);
  const before = world.workshop.api.requests.length;
  expect(await world.audit()).toMatchObject({ stale: 1 });
  const asked = JSON.stringify(world.workshop.api.requests.slice(before));
  expect(asked).toContain(old);
  expect(asked).not.toContain(young);
});
