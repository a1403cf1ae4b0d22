import { AppError } from '../errors.ts';
import { secondsToIso } from '../store/time.ts';
import type { Ask } from '../sync/asks.ts';

/** @throws AppError `invalid_params` for a time that is still to come, unix seconds. */
export function assertPast(since: number | undefined, serverNow: number): void {
  if (since === undefined || since <= serverNow) return;
  throw new AppError('usage', 'invalid_params', 'Invalid params: since: lies in the future', {
    hint: 'name a time that has been, or leave it out',
  });
}

/**
 * What `sync` asks for; all in unix seconds.
 * @param since where a span begins that names no beginning.
 * @throws AppError `invalid_params` for one that ends before it begins.
 */
export function askOf(
  params: {
    readonly from?: number | undefined;
    readonly to?: number | undefined;
    readonly statuses?: readonly string[] | undefined;
  },
  serverNow: number,
  since: number,
): Ask {
  const { from = since, to, statuses } = params;
  if (params.from === undefined && to === undefined && statuses === undefined) return { what: 'sync' };
  const span = to === undefined ? { from, to: Math.floor(serverNow) + 1, isOpen: true as const } : { from, to };
  if (span.from >= span.to)
    throw new AppError('usage', 'invalid_params', 'from: must lie before to', {
      hint: `from is inclusive (default sync.since, ${secondsToIso(since)}), to is exclusive (default now)`,
    });
  return { what: 'span', span, ...(statuses !== undefined && { statuses }) };
}

/** @param name of both ends, less `From` and `To`; unix seconds. @throws AppError `invalid_params` for ends that cross. */
export function assertRange(name: string, from: number | undefined, to: number | undefined): void {
  if (from === undefined || to === undefined || from <= to) return;
  throw new AppError('usage', 'invalid_params', `Invalid params: ${name}From: lies after ${name}To`, {
    hint: 'nothing can be found there; swap them',
  });
}
