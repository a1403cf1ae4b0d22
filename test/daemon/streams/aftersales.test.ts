import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { sql } from 'kysely';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';

import { createAsked } from '../../../daemon/asked.ts';
import { Store } from '../../../daemon/store/store.ts';
import { cancellations } from '../../../daemon/streams/cancellations.ts';
import { returns } from '../../../daemon/streams/returns.ts';
import { statements } from '../../../daemon/streams/statements.ts';
import type { Stream } from '../../../daemon/streams/stream.ts';
import type { Ask } from '../../../daemon/sync/asks.ts';
import { Engine } from '../../../daemon/sync/engine.ts';
import { InstantTimers } from '../tiktok/manual-timers.ts';
import { taxonomyWorld } from '../tiktok/taxonomy-world.ts';

const streams: readonly Stream<unknown>[] = [returns, cancellations, statements];
const dayMs = 86_400_000;
const provenance = 'first_seen_at, changed_at, run_id, asked, hash';
const byId = (a: { readonly id: string }, b: { readonly id: string }): number => (a.id < b.id ? -1 : 1);

/** The engine over a living shop of the sandbox, with the three streams and nothing else. */
async function livingShop() {
  const timers = new InstantTimers();
  const world = await taxonomyWorld({
    timers,
    nextAsked: createAsked(0, Date.now),
    sandbox: { orders: 2500, days: 160, frozen: false },
  });
  const folder = mkdtempSync(join(tmpdir(), 'aftersales-'));
  const now = () => Math.floor(world.now() * 1000);
  const store = await Store.open({ path: join(folder, 'shopsync.db'), keepPayload: true, now });
  onTestFinished(async () => {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const engineOf = () =>
    new Engine({
      account: world.account,
      store,
      streams,
      policy: { settle: 60, overlap: 300 },
      now,
      monotonic: timers.now,
      random: () => 0.5,
      since: Math.floor(world.now()) - 400 * 86_400,
      concurrency: 8,
      setTimer: () => () => undefined,
      log: pino({ level: 'silent' }),
      watch: { run: () => undefined, progress: () => undefined },
    });
  /** Each run by a daemon of its own. */
  const run = async (ask: Ask) => {
    const engine = engineOf();
    const { ended } = await engine.request(ask, {}, 'manual');
    const runs = await ended;
    await engine.close();
    return runs.map(({ stream, kind, state, requests, updated, localOnly }) => ({
      stream,
      kind,
      state,
      requests,
      updated,
      localOnly,
    }));
  };
  const rows = async (query: string) => {
    const result = await store.change((db) => sql.raw<Readonly<Record<string, unknown>>>(query).execute(db));
    return result.rows.map((row) => ({ ...row }));
  };
  const stored = async () => ({
    returns: await rows(`select id, order_id as orderId, status, type, create_time as createTime,
      update_time as updateTime, currency, refund_total as refundTotal from returns order by id`),
    cancellations: await rows(`select id, status, update_time as updateTime from cancellations order by id`),
    statements: await rows(`select id, statement_time as statementTime, settlement_amount as settlementAmount,
      payment_status as paymentStatus, payment_id as paymentId from statements order by id`),
  });
  const shown = () => {
    const shop = world.sandbox.world;
    return {
      returns: shop.returns().toSorted(byId),
      cancellations: shop
        .cancellations()
        .toSorted(byId)
        .map(({ id, status, updateTime }) => ({ id, status, updateTime })),
      statements: shop
        .statements()
        .toSorted(byId)
        .map(({ id, statementTime, settlementAmount, paymentStatus, paymentId = null }) => ({
          id,
          statementTime,
          settlementAmount,
          paymentStatus,
          paymentId,
        })),
    };
  };
  return { timers, run, rows, stored, shown };
}

test('returns, cancellations and statements stay equal to a living shop, day by day, with a daemon of its own each day', async () => {
  const shop = await livingShop();
  const first = await shop.run({ what: 'sync' });
  expect(first).toMatchObject(streams.map(({ name }) => ({ stream: name, kind: 'full', state: 'succeeded' })));
  const begun = await shop.stored();
  expect(begun).toEqual(shop.shown());
  expect(begun.returns.length).toBeGreaterThan(60);
  expect(begun.cancellations.length).toBeGreaterThan(100);
  expect(begun.statements.length).toBeGreaterThan(100);
  const open = begun.statements.filter((row) => row['paymentStatus'] !== 'PAID');
  expect(open.length).toBeGreaterThan(0);

  for (let day = 1; day <= 9; day += 1) {
    shop.timers.pass(dayMs);
    const runs = await shop.run({ what: 'sync' });
    expect(runs).toMatchObject(streams.map(({ name }) => ({ stream: name, kind: 'incremental', state: 'succeeded' })));
    for (const { requests } of runs) expect(requests).toBeLessThan(4);
    expect(await shop.stored()).toEqual(shop.shown());
  }
  // What was open has been paid long after its time, which never moved.
  const paid = await shop.rows(
    `select id from statements where payment_status = 'PAID' and changed_at > first_seen_at`,
  );
  expect(paid.map((row) => row['id'])).toEqual(expect.arrayContaining(open.map((row) => row['id'])));
  expect(await shop.rows('select stream, what from oddities')).toEqual([]);
  const counts = await shop.rows(
    'select stream, sum(count) as total from record_counts group by stream order by stream',
  );
  const now = shop.shown();
  expect(counts).toEqual([
    { stream: 'cancellations', total: now.cancellations.length },
    { stream: 'returns', total: now.returns.length },
    { stream: 'statements', total: now.statements.length },
  ]);

  const again = await shop.run({ what: 'resync' });
  expect(again).toMatchObject(
    streams.map(({ name }) => ({ stream: name, kind: 'full', state: 'succeeded', updated: 0, localOnly: 0 })),
  );

  // Rule 13: a row that the API does not show is asked by its id, counted, and left alone.
  await shop.rows(`insert into returns (shop_id, id, status, create_time, update_time, ${provenance})
    select shop_id, 'ghost', status, create_time, update_time, ${provenance} from returns limit 1`);
  await shop.rows(`insert into cancellations (shop_id, id, status, create_time, update_time, ${provenance})
    select shop_id, 'ghost', status, create_time, update_time, ${provenance} from cancellations limit 1`);
  await shop.rows(`insert into statements (shop_id, id, statement_time, ${provenance})
    select shop_id, 'ghost', statement_time, ${provenance} from statements order by statement_time limit 1`);
  expect(await shop.run({ what: 'resync' })).toMatchObject(streams.map(({ name }) => ({ stream: name, localOnly: 1 })));
  for (const { name } of streams)
    expect(await shop.rows(`select id from ${name} where id = 'ghost'`)).toEqual([{ id: 'ghost' }]);
});
