import { Workshop, type WorkshopOptions, start } from './workshop.ts';

export const day = 86_400;
export const recheck = { what: 'recheck' } as const;

/** A shop that is in step, with so many open orders of the last days, the oldest first. */
export async function inStep(open: number, options: WorkshopOptions = {}): Promise<{ w: Workshop; ids: string[] }> {
  const w = await Workshop.open(options);
  const ids = Array.from({ length: open }, (_, i) => w.shop.place(start - 2 * day + i, { status: 'IN_TRANSIT' }));
  await w.run();
  w.clock.advance(900);
  await w.run();
  w.api.requests.length = 0;
  return { w, ids };
}

/** What the order says changes, and nothing tells of it. */
export function edit(w: Workshop, id: string, note: string): void {
  const version = w.shop.orders.get(id)?.versions.at(-1);
  if (version === undefined) throw new Error(`no order ${id}`);
  w.shop.change(id, version.updateTime, { note, visibleAt: w.clock.now });
}

/** The ids of each request by id. */
export const asked = (w: Workshop): string[][] =>
  w.api.requests.map(({ query }) => String((query as { ids?: string } | undefined)?.ids).split(','));
