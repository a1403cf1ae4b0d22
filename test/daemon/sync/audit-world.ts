import { sql } from 'kysely';

import type { Audited, Run } from '../../../shared/run-views.ts';
import { createRandom } from './history-world.ts';
import { Workshop, type WorkshopOptions, start } from './workshop.ts';

const day = 86_400;
const lives = ['UNPAID', 'AWAITING_SHIPMENT', 'IN_TRANSIT', 'DELIVERED', 'COMPLETED'];

/** What an audit tells that found nothing. */
export const clean = {
  ok: true,
  whole: true,
  missing: 0,
  stale: 0,
  onlyLocal: 0,
  future: 0,
  undecided: 0,
  drifted: 0,
  repaired: 0,
};

/** A shop with a past of 300 days, all of it read. */
export async function auditWorld(orders: number, options: WorkshopOptions & { readonly seed?: number } = {}) {
  const random = createRandom(options.seed ?? 1);
  const workshop = await Workshop.open({ pageSize: 100, random, recheck: null, ...options });
  for (let i = 0; i < orders; i++) {
    const placed = start - 1000 - Math.floor(random() * 300 * day);
    const id = workshop.shop.place(placed);
    let at = placed;
    for (const status of lives.slice(1)) {
      at += Math.floor(random() * 4 * day) + 60;
      if (at < start - 1000) workshop.shop.change(id, at, { status });
    }
  }
  const first = await workshop.run();
  if (first.state !== 'succeeded') throw new Error(`the first run ${first.state}`);
  workshop.clock.advance(7200);
  return new AuditWorld(workshop, random);
}

/** What somebody does behind the engine's back, and what an audit says of it. */
export class AuditWorld implements AsyncDisposable {
  readonly workshop: Workshop;
  readonly random: () => number;

  constructor(workshop: Workshop, random: () => number) {
    this.workshop = workshop;
    this.random = random;
  }

  async run(repair = true): Promise<Run> {
    return (await this.workshop.sync.request({ what: 'audit', repair }, 'manual')).ended;
  }

  async audit(repair = true): Promise<Audited> {
    const run = await this.run(repair);
    if (run.audit === undefined) throw new Error(`audit ${run.state}: ${run.error?.message}`);
    return run.audit;
  }

  state() {
    return this.workshop.store.state('7490', 'orders');
  }

  async sql(text: string): Promise<void> {
    await this.workshop.store.change((db) => sql.raw(text).execute(db));
  }

  /** Ids of so many orders, drawn by chance from those whose last version is not their first. */
  some(count: number, isEligible: (status: string, created: number) => boolean = () => true): string[] {
    const ids = [...this.workshop.shop.orders.values()]
      .filter(
        ({ versions, createTime }) => versions.length > 1 && isEligible(versions.at(-1)?.status ?? '', createTime),
      )
      .map(({ id }) => id);
    return Array.from({ length: count }, () => ids.splice(Math.floor(this.random() * ids.length), 1)[0] ?? '');
  }

  /** Deletes rows and every trace of them. */
  async erase(ids: readonly string[]): Promise<void> {
    await this.sql(`delete from orders where id in (${quoted(ids)})`);
    await this.sql(`delete from order_line_items where order_id in (${quoted(ids)})`);
    await this.sql(`delete from order_events where order_id in (${quoted(ids)})`);
  }

  /** Writes an earlier version over a row, whole, as from a backup. @param back how many versions earlier. */
  async setBack(id: string, back = 1): Promise<void> {
    const versions = this.workshop.shop.orders.get(id)?.versions ?? [];
    const version = versions.at(-1 - back) ?? versions[0];
    if (version === undefined) throw new Error(`no order ${id}`);
    const { status, updateTime, note } = version;
    await this.sql(`update orders set status = '${status}', update_time = ${updateTime},
      payload = json_set(payload, '$.status', '${status}', '$.update_time', ${updateTime}, '$.buyer_message', '${note}')
      where id = '${id}'`);
    await this.sql(`delete from order_events where order_id = '${id}' and update_time > ${updateTime}`);
  }

  async age(id: string, seconds: number): Promise<void> {
    await this.sql(`update orders set update_time = update_time - ${seconds} where id = '${id}'`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.workshop[Symbol.asyncDispose]();
  }
}

export const quoted = (ids: readonly string[]): string => ids.map((id) => `'${id}'`).join(', ');
