import { setImmediate as nextTurn } from 'node:timers/promises';

import { expect, test } from 'vitest';

import { type Looked, lookAtRows } from '../../daemon/store/audit-scan.ts';
import { orders } from '../../daemon/streams/orders.ts';
import type { Run } from '../../shared/run-views.ts';
import { engineOver } from '../daemon/streams/engine-over.ts';
import { createRandom } from '../daemon/sync/history-world.ts';

const count = 100_000;
const day = 86_400;

type World = Awaited<ReturnType<typeof engineOver>>;

const quoted = (ids: readonly string[]): string => ids.map((id) => `'${id}'`).join(', ');

const inWorld = ({ sandbox }: World): string[] =>
  [...sandbox.world.orders()].map(({ id, updateTime, status }) => `${id} ${updateTime} ${status}`).toSorted();

const inDatabase = async ({ rows }: World): Promise<string[]> =>
  (await rows(`select id || ' ' || update_time || ' ' || status as line from orders order by 1`)).map(({ line }) =>
    String(line),
  );

/** An audit, and the requests that came in while it was under way, those of its live runs included. */
async function audited(world: World, what: string): Promise<{ readonly run: Run; readonly requests: number }> {
  world.sandbox.requests.reset();
  const began = performance.now();
  const run = await world.run({ what: 'audit', repair: true });
  const requests = Object.values(world.sandbox.requests.toJSON().paths).reduce((sum, { total }) => sum + total, 0);
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.log(`${what}: ${requests} requests in ${seconds} s: ${run?.audit?.statement ?? JSON.stringify(run)}`);
  if (run === undefined) throw new Error('no run');
  return { run, requests };
}

/** What somebody does in the database, who leaves no trace where `isTraceless`. */
class Saboteur {
  readonly #world: World;
  readonly #random: () => number;
  readonly #left: { readonly id: string; readonly createTime: number; readonly status: string }[];

  constructor(world: World, seed: number) {
    this.#world = world;
    this.#random = createRandom(seed);
    this.#left = [...world.sandbox.world.orders()].filter(({ status }) => status === 'COMPLETED');
  }

  take(many: number): string[] {
    const drawn = Array.from({ length: many }, () =>
      this.#left.splice(Math.floor(this.#random() * this.#left.length), 1),
    );
    return drawn.flat().map(({ id }) => id);
  }

  /** Orders that were placed one after the other. */
  neighbours(many: number): string[] {
    const at = Math.floor(this.#random() * (this.#left.length - many));
    return this.#left
      .toSorted((a, b) => a.createTime - b.createTime)
      .slice(at, at + many)
      .map(({ id }) => id);
  }

  async delete(ids: readonly string[], isTraceless: boolean): Promise<void> {
    await this.#world.rows(`delete from orders where id in (${quoted(ids)})`);
    if (!isTraceless) return;
    await this.#world.rows(`delete from order_line_items where order_id in (${quoted(ids)})`);
    await this.#world.rows(`delete from order_events where order_id in (${quoted(ids)})`);
  }

  async age(ids: readonly string[], seconds: number): Promise<void> {
    await this.#world.rows(`update orders set update_time = update_time - ${seconds} where id in (${quoted(ids)})`);
  }

  /** As if the row had never been read again since the order was paid. */
  async setBack(ids: readonly string[]): Promise<void> {
    await this.#world.rows(`delete from order_events where order_id in (${quoted(ids)})`);
    await this.#world.rows(`update orders set status = 'AWAITING_SHIPMENT', update_time = create_time + 900,
      payload = json_set(payload, '$.status', 'AWAITING_SHIPMENT', '$.update_time', create_time + 900)
      where id in (${quoted(ids)})`);
  }

  async restate(ids: readonly string[]): Promise<void> {
    await this.#world.rows(`update orders set status = 'IN_TRANSIT' where id in (${quoted(ids)})`);
  }

  /** Ten ways at once; ten records of it are stale. */
  async stale(ids: readonly string[]): Promise<void> {
    await this.age(ids.slice(0, 2), 3600);
    await this.age(ids.slice(2, 4), day);
    await this.age(ids.slice(4, 6), 30 * day);
    await this.setBack(ids.slice(6, 8));
    await this.restate(ids.slice(8, 10));
  }
}

test('100,000 orders: 40 requests prove them, 200 find and repair 10 that are gone and 10 that are stale', async () => {
  const world = await engineOver(orders, { orders: count, warm: true, seed: 3 });
  expect(await world.run()).toMatchObject({ state: 'succeeded', inserted: count });
  world.timers.pass(2 * 3600 * 1000);

  const whole = await audited(world, 'without drift');
  expect(whole.run.audit).toMatchObject({
    remote: count,
    stored: count,
    missing: 0,
    stale: 0,
    drifted: 0,
    undecided: 0,
  });
  expect(whole.requests).toBeLessThanOrEqual(40);

  for (const isTraceless of [false, true]) {
    const saboteur = new Saboteur(world, 7);
    await saboteur.delete(saboteur.take(10), isTraceless);
    await saboteur.stale(saboteur.take(10));
    const { run, requests } = await audited(world, `10 and 10, ${isTraceless ? 'no trace left' : 'traces left'}`);
    expect(run.audit).toMatchObject({
      missing: 10,
      stale: 10,
      onlyLocal: 0,
      undecided: 0,
      remote: count,
      stored: count,
    });
    expect(requests).toBeLessThanOrEqual(200);
    expect(await inDatabase(world)).toEqual(inWorld(world));
  }

  // T50. Without a trace, neighbours: seven far from each other take more, for each is looked for by itself.
  for (const isTraceless of [false, true]) {
    const saboteur = new Saboteur(world, 8);
    await saboteur.delete(isTraceless ? saboteur.neighbours(7) : saboteur.take(7), isTraceless);
    await saboteur.age(saboteur.take(5), day);
    const { run, requests } = await audited(world, `7 and 5, ${isTraceless ? 'no trace left' : 'traces left'}`);
    expect(run.audit).toMatchObject({ missing: 7, stale: 5, undecided: 0 });
    expect(requests).toBeLessThanOrEqual(60);
    expect(await inDatabase(world)).toEqual(inWorld(world));
  }

  // What an audit looks at for nothing holds the daemon up for a few milliseconds at a time.
  const steps: number[] = [];
  for (let after: string | undefined = ''; after !== undefined;) {
    const began = performance.now();
    const options = { shop: world.shop.id, after, closed: ['COMPLETED'], openBefore: 0 };
    const looked: Looked = await world.store.query(lookAtRows, orders.table, options);
    steps.push(performance.now() - began);
    after = looked.next;
  }
  steps.sort((a, b) => a - b);
  const all = steps.reduce((sum, ms) => sum + ms, 0);
  const [usual = 0, worst = 0] = [steps[Math.floor(steps.length * 0.95)], steps.at(-1)];
  console.log(
    `rows held against their payload: ${all.toFixed(0)} ms in ${steps.length} steps, ` +
      `95 of 100 within ${usual.toFixed(1)} ms, the longest ${worst.toFixed(1)} ms`,
  );
  expect(all).toBeLessThan(10_000);
  expect(usual).toBeLessThan(20);
});

test('while orders change and everything is read again, the same is found or mended, and nothing else', async () => {
  const world = await engineOver(orders, { orders: 20_000, warm: true, seed: 4, days: 365 });
  expect(await world.run()).toMatchObject({ state: 'succeeded' });
  world.timers.pass(2 * 3600 * 1000);
  const engine = world.engineOf();
  const saboteur = new Saboteur(world, 9);
  const ids = saboteur.take(20);
  await saboteur.delete(ids.slice(0, 10), true);
  await saboteur.stale(ids.slice(10));
  const open = [...world.sandbox.world.orders()].filter(({ status }) => status === 'AWAITING_SHIPMENT');
  let isOver = false;
  const life = (async () => {
    for (let turn = 0; !isOver; turn++) {
      await nextTurn();
      if (turn % 20 !== 0) continue;
      world.timers.pass(1000);
      const order = turn % 40 === 0 ? open.shift() : undefined;
      if (order === undefined) world.sandbox.world.place({ still: true });
      else world.sandbox.world.move(order.id, undefined, { still: true });
    }
  })();
  const resync = await engine.request({ what: 'resync', anew: true }, {}, 'manual');
  const audits: (Run | undefined)[] = [];
  for (let i = 0; i < 3; i++)
    audits.push((await (await engine.request({ what: 'audit', repair: true }, {}, 'manual')).ended)[0]);
  const [full] = await resync.ended;
  const last = await (await engine.request({ what: 'audit', repair: true }, {}, 'manual')).ended;
  isOver = true;
  await life;
  await (
    await engine.request({ what: 'sync' }, {}, 'manual')
  ).ended;
  await engine.close();
  for (const run of audits) console.log(`beside a full resync: ${run?.audit?.statement ?? JSON.stringify(run)}`);
  expect(full).toMatchObject({ kind: 'full', state: 'succeeded' });
  // Each was mended by one run: those by audits are what the audits tell.
  const mendedBy = async (kind: string, some: readonly string[]): Promise<number> => {
    const rows = await world.rows(`select count(*) as n from orders join sync_runs on sync_runs.id = orders.run_id
      where sync_runs.kind = '${kind}' and orders.id in (${quoted(some)})`);
    return Number(rows[0]?.['n']);
  };
  for (const [of, some] of [['missing', ids.slice(0, 10)] as const, ['stale', ids.slice(10)] as const]) {
    const [byAudits, byFull] = [await mendedBy('audit', some), await mendedBy('full', some)];
    console.log(`${of}: ${byAudits} by audits, ${byFull} by the full resync`);
    expect(audits.reduce((sum, run) => sum + (run?.audit?.[of] ?? 0), 0)).toBe(byAudits);
    expect(byAudits + byFull).toBe(10);
  }
  expect(audits.every((run) => run?.audit?.onlyLocal === 0 && run.audit.undecided === 0)).toBe(true);
  expect(last[0]?.audit).toMatchObject({ missing: 0, stale: 0, onlyLocal: 0, undecided: 0, drifted: 0 });
  expect(await inDatabase(world)).toEqual(inWorld(world));
});
