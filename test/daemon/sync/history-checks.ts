import { sql } from 'kysely';

import { type Span, gaps } from '../../../daemon/spans.ts';
import type { Lab } from './history-lab.ts';
import type { Ledger } from './history-ledger.ts';
import { farthest, unusable } from './history-world.ts';
import type { Version } from './model-shop.ts';
import { type Workshop, policy } from './workshop.ts';

const shop = '7490';
const strip = policy.settle + policy.overlap;

interface OrderRow {
  readonly id: string;
  readonly update_time: number;
  readonly status: string;
  readonly note: string;
}

interface RunRow {
  readonly id: string;
  readonly kind: string;
  readonly state: string;
  readonly seen: number;
  readonly inserted: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly rejected: number;
}

/** Everything that must be true whenever the engine is at rest. @returns what is not. */
export async function check({ workshop, ledger }: Lab): Promise<string[]> {
  const orders = await readOrders(workshop);
  const runs = await readRuns(workshop);
  return [
    ...ledger.problems,
    ...(await list(workshop, 'select what as value from violations')),
    ...(await numbers(workshop, orders, runs, ledger)),
    ...(await complete(workshop, orders)),
    ...(await bookkeeping(workshop, runs, ledger)),
  ];
}

/** Numbers add up, over any kill. */
async function numbers(
  workshop: Workshop,
  orders: readonly OrderRow[],
  runs: readonly RunRow[],
  { unclosed }: Ledger,
): Promise<string[]> {
  const wrong: string[] = [];
  for (const { id, kind, state, seen, inserted, updated, unchanged, rejected } of runs) {
    if (seen !== inserted + updated + unchanged + rejected)
      wrong.push(`rule 1: run ${id} saw ${seen} = ${inserted} + ${updated} + ${unchanged} + ${rejected}?`);
    const isLast = !runs.some((other) => other.kind === kind && other.id > id);
    if (state === 'running' && !(unclosed.has(id) && isLast)) wrong.push(`rule 8: run ${id} is still running`);
  }
  const inserted = runs.reduce((sum, run) => sum + run.inserted, 0);
  if (inserted !== orders.length) wrong.push(`rule 1: runs inserted ${inserted}, there are ${orders.length} orders`);
  const items = await list(workshop, 'select count(*) as value from order_line_items');
  if (Number(items[0]) !== orders.length) wrong.push(`rule 1: ${items[0]} line items of ${orders.length} orders`);
  const scanned = `select status || ' ' || count(*) as value from orders group by status order by status`;
  const counted = `select status || ' ' || count as value from record_counts where count <> 0 order by status`;
  const [scan, count] = [await list(workshop, scanned), await list(workshop, counted)].map((all) => all.join(', '));
  if (scan !== count) wrong.push(`counts say ${count}, a scan says ${scan}`);
  return wrong;
}

/** Rule 2: what is shown and lies in what is covered is stored at that version, set aside, or about to be asked by id. */
async function complete(workshop: Workshop, orders: readonly OrderRow[]): Promise<string[]> {
  const coverage = await workshop.coverage();
  const wrong: string[] = [];
  const latest = Math.max(0, ...coverage.map((span) => span.to));
  if (latest > workshop.clock.now - strip) wrong.push(`rule 2: covered up to ${latest} at ${workshop.clock.now}`);
  const stored = new Map(orders.map((row) => [row.id, row]));
  const asked = new Set(
    await list(workshop, 'select record_id as value from doubts union select record_id from rejected_records'),
  );
  for (const order of workshop.shop.orders.values()) {
    const version = workshop.shop.shown(order, workshop.clock.now);
    const row = stored.get(order.id);
    if (version === undefined || isSame(row, version) || asked.has(order.id)) continue;
    if (coverage.some(({ from, to }) => from <= version.updateTime && version.updateTime < to))
      wrong.push(`rule 2: ${order.id} is covered at ${told(version)}, stored is ${told(row)}`);
  }
  for (const row of orders)
    if (!workshop.shop.orders.get(row.id)?.versions.some((version) => isSame(row, version)))
      wrong.push(`rule 1: ${row.id} is stored as it never was: ${told(row)}`);
  return wrong;
}

/** Coverage, run_spans, watermark and metadata say the same (rules 1 and 7). */
async function bookkeeping(workshop: Workshop, runs: readonly RunRow[], ledger: Ledger): Promise<string[]> {
  const wrong: string[] = [];
  const state = await workshop.store.state(shop, 'orders');
  if (state === undefined) return wrong;
  const coverage = await workshop.coverage();
  const overlap = Math.max(policy.overlap, state.overlap);
  const { watermark } = state;
  const bounds = watermark === null ? Number.MAX_SAFE_INTEGER : watermark - overlap;
  const spans = await readSpans(workshop);
  const covering = spans.filter(({ run }) => runs.some(({ id, kind }) => id === run && kind !== 'partial'));
  for (const span of coverage)
    for (const gap of gaps(span, covering)) wrong.push(`rule 1: [${gap.from}, ${gap.to}) is covered, no run read it`);
  for (const { run, from, to } of covering) {
    const end = Math.min(to, Math.floor(ledger.leastBelieved(run)) - policy.settle - overlap, bounds);
    for (const gap of gaps({ from, to: end }, coverage))
      wrong.push(`rule 1: run ${run} read [${gap.from}, ${gap.to}), it is not covered`);
  }
  const above = watermark === null ? [] : gaps({ from: state.liveStart, to: watermark - overlap }, coverage);
  if (above.length > 0) wrong.push(`rule 7: the watermark ${watermark} stands past a gap at ${above[0]?.from}`);
  const metadata = await workshop.store.metadata(shop, 'orders');
  if (metadata === undefined) return wrong;
  const lastSync = Date.parse(metadata.lastSyncTime) / 1000;
  const missing = gaps({ from: state.since, to: lastSync - overlap }, coverage);
  if (missing.length > 0) wrong.push(`rule 7: sync_metadata is written, [${missing[0]?.from}, …) is missing`);
  if (watermark === null || lastSync > watermark)
    wrong.push(`rule 7: ${lastSync} is no watermark, that is ${watermark}`);
  return wrong;
}

/** Faults stop and time passes; then the copy is perfect. @returns what is not. */
export async function comeToRest(lab: Lab): Promise<string[]> {
  const { workshop } = lab;
  lab.calm();
  await lab.take({ do: 'advance', seconds: farthest + strip + 1, trouble: null });
  await lab.tick();
  for (let i = 0; i < 2; i++) {
    await lab.take({ do: 'advance', seconds: strip + 1, trouble: null });
    await lab.tick();
  }
  const last = workshop.runs.at(-1);
  const wrong = last?.state === 'succeeded' ? [] : [`the last run ${last?.state}: ${JSON.stringify(last?.error)}`];
  const stored = new Map((await readOrders(workshop)).map((row) => [row.id, row]));
  const aside = new Set(await list(workshop, 'select record_id as value from rejected_records'));
  for (const order of workshop.shop.orders.values()) {
    const version = workshop.shop.shown(order, workshop.clock.now);
    const isAside = version?.status === unusable;
    if (aside.has(order.id) !== isAside)
      wrong.push(`${order.id} is ${isAside ? 'not ' : ''}set aside, shown is ${told(version)}`);
    if (version !== undefined && !isAside && !isSame(stored.get(order.id), version))
      wrong.push(`${order.id} is stored as ${told(stored.get(order.id))}, shown is ${told(version)}`);
  }
  if ((await workshop.store.metadata(shop, 'orders')) === undefined) wrong.push('rule 7: there is no sync_metadata');
  return [...wrong, ...(await check(lab))];
}

const isSame = (row: OrderRow | undefined, version: Version): boolean =>
  row !== undefined &&
  row.update_time === version.updateTime &&
  row.status === version.status &&
  row.note === version.note;

const told = (version: Version | OrderRow | undefined): string => JSON.stringify(version ?? 'nothing');

const ask = <T>(workshop: Workshop, text: string): Promise<T[]> =>
  workshop.store.query(async (db) => (await sql.raw<T>(text).execute(db)).rows);

const list = async (workshop: Workshop, text: string): Promise<string[]> =>
  (await ask<{ value: string | number | null }>(workshop, text)).map(({ value }) => String(value));

const readOrders = (workshop: Workshop): Promise<OrderRow[]> =>
  ask(workshop, `select id, update_time, status, payload ->> 'buyer_message' as note from orders`);

const readRuns = (workshop: Workshop): Promise<RunRow[]> =>
  ask(
    workshop,
    `select id, kind, state, seen, inserted, updated, unchanged, rejected
     from sync_runs order by id`,
  );

const readSpans = (workshop: Workshop): Promise<(Span & { readonly run: string })[]> =>
  ask(workshop, 'select run_id as run, from_time as "from", to_time as "to" from run_spans');
