import { setImmediate as nextTurn } from 'node:timers/promises';

import { lookAtEvents, lookAtRows, markDamaged, stillDamaged } from '../store/audit-scan.ts';
import type { Page, ReadContext } from '../streams/stream.ts';
import type { Finds } from './audit-finds.ts';
import type { RunPlan, RunTools } from './run.ts';

/** Ids asked at most: of each kind of suspicion, and of open records, which are no suspicion. */
const mostSuspects = 10_000;
const mostOpen = 500;

/** What the store itself gives reason to ask by id. */
export interface Suspects {
  /** Rows that are not what their own payload says. */
  readonly damaged: readonly string[];
  /** Records that were seen once and are not stored, or not as late as they were seen. */
  readonly seen: readonly string[];
  /** Records older than those that the daily recheck reads, in a status that changes: most stale records look so. */
  readonly open: readonly string[];
  /** Whether there is more to suspect than is asked for at once. */
  readonly isCut: boolean;
}

/** Looks through the whole store without a request, a few milliseconds at a time. */
export async function suspects<R>(
  { store, stream, api, recheck, random }: RunTools<R>,
  { serverNow }: Pick<RunPlan, 'serverNow'>,
  signal: AbortSignal,
): Promise<Suspects> {
  const { table, closed = [] } = stream;
  const found = { damaged: [] as string[], seen: [] as string[], open: [] as string[] };
  const rows = { shop: api.shop.id, closed, openBefore: Math.floor(serverNow) - (recheck ?? 0) };
  for (let after: string | undefined = ''; after !== undefined;) {
    const looked: Awaited<ReturnType<typeof lookAtRows>> = await store.query(lookAtRows, table, { ...rows, after });
    found.damaged.push(...looked.damaged);
    found.open.push(...looked.open);
    after = looked.next;
    await nextTurn();
    signal.throwIfAborted();
  }
  for (let after: string | undefined = ''; after !== undefined;) {
    const looked: Awaited<ReturnType<typeof lookAtEvents>> = await store.query(lookAtEvents, table, api.shop.id, after);
    found.seen.push(...looked.seen);
    after = looked.next;
    await nextTurn();
    signal.throwIfAborted();
  }
  const damaged = new Set(found.damaged);
  const known = new Set([...found.damaged, ...found.seen]);
  const open = found.open.filter((id) => !known.has(id));
  // Where there are more, others are asked from audit to audit.
  const first = open.length <= mostOpen ? 0 : Math.floor(random() * open.length);
  return {
    damaged: found.damaged.slice(0, mostSuspects),
    seen: found.seen.filter((id) => !damaged.has(id)).slice(0, mostSuspects),
    open: [...open.slice(first), ...open.slice(0, first)].slice(0, mostOpen),
    isCut: Math.max(found.damaged.length, found.seen.length) > mostSuspects,
  };
}

/** Asks by id for what the store gives reason to ask for. */
export async function askSuspects<R>(
  { damaged, seen, open }: Omit<Suspects, 'isCut'>,
  tools: RunTools<R>,
  context: ReadContext,
  audit: {
    readonly runId: string;
    readonly repair: boolean;
    readonly finds: Finds<R>;
    /** Called after each answer. @returns whether more may be asked. */
    readonly asked: () => boolean;
  },
): Promise<void> {
  const { store, stream, api } = tools;
  const { runId, repair, finds, asked } = audit;
  const isDamaged = new Set(damaged);
  const judge = async (page: Page<R>, settles: boolean): Promise<void> => {
    const ids = page.records.map((record) => stream.table.idOf(record)).filter((id) => isDamaged.has(id));
    if (repair && settles) await store.change(markDamaged, stream.table, api.shop.id, runId, ids);
    await finds.judge(page, { settles }, isDamaged);
    if (repair && settles) finds.leave(await store.change(stillDamaged, stream.table, api.shop.id, ids));
  };
  for (const [ids, settles] of [[damaged, true] as const, [[...seen, ...open], false] as const]) {
    if (ids.length === 0) continue;
    for await (const page of stream.readIds(ids, context)) {
      await judge(page, settles);
      if (!asked()) return;
    }
  }
}
