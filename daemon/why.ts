import type { Result } from '../shared/contract.ts';
import { AppError } from './errors.ts';
import type { Store } from './store/store.ts';
import { secondsToIso } from './store/time.ts';
import { findKnown, lastReadOf } from './store/why.ts';
import type { Engine } from './sync/engine.ts';

/**
 * Rule 16: why an order is, or is not, in the store. What is not here is asked for by id, one request a shop: then it
 * is either not there at all, or in a part of the axis that is not read yet. Of a record that was set aside the API
 * tells only the time, so one that does not answer takes that away and no more.
 * @throws AppError when the API has to be asked and cannot be.
 */
export async function explainOrder<R>(
  store: Store,
  engine: Engine<R>,
  { id, shop }: { readonly id: string; readonly shop?: string | undefined },
): Promise<Result<'orders.why'>> {
  const known = await store.query(findKnown, id, shop);
  const read = async (owner: string, time: number | null) => {
    if (time === null) return { updateTime: null, covered: null };
    const { runId, readAt, covered } = await store.query(lastReadOf, owner, 'orders', time);
    return {
      updateTime: secondsToIso(time),
      covered: runId === null || readAt === null ? null : { runId, at: readAt, whole: covered },
    };
  };
  if (known?.stored)
    return {
      verdict: 'stored',
      shop: known.shop,
      ...known.stored,
      ...(known.rejected !== null && { rejected: known.rejected }),
      ...(await read(known.shop, known.updateTime)),
    };
  const asked = engine.find('orders', id, shop);
  if (known?.rejected) {
    const remote = await asked.catch((error: unknown) => {
      if (error instanceof AppError) return undefined;
      throw error;
    });
    return {
      verdict: 'rejected',
      shop: known.shop,
      rejected: known.rejected,
      events: [],
      ...(await read(known.shop, remote?.time ?? null)),
    };
  }
  const remote = await asked;
  if (remote === undefined)
    return { verdict: 'not_at_remote', shop: null, events: [], updateTime: null, covered: null };
  const { covered, updateTime } = await read(remote.shop, remote.time);
  // Covered and yet not stored is what the engine promises never to happen; it is told by a word of its own.
  return {
    verdict: covered?.whole === true ? 'missed' : 'not_covered',
    shop: remote.shop,
    events: [],
    updateTime,
    covered,
  };
}
