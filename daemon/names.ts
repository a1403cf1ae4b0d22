import { meant } from '../shared/nearest.ts';
import { orderStatuses } from '../shared/order-statuses.ts';
import { streamNames } from '../shared/streams.ts';
import { AppError } from './errors.ts';
import { type KnownShop, loadShops } from './store/learned.ts';
import { countOrders } from './store/queries.ts';
import type { Store } from './store/store.ts';
import type { Stream } from './streams/stream.ts';

/** @throws AppError `unknown_stream` for one that is not among `known`. */
export function assertStreams(names: readonly string[], known: readonly string[]): void {
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  if (streamNames.some((name) => name === unknown))
    throw new AppError('usage', 'unknown_stream', `${unknown} are not synced`, {
      hint: `add ${unknown} to sync.streams in the configuration, then restart shopsyncd`,
    });
  throw new AppError('usage', 'unknown_stream', `there is no stream ${unknown}`, {
    hint: `one of: ${known.join(', ')}${meant(unknown, known)}`,
  });
}

/**
 * The id of the shop that somebody names: by its id, or by its exact name where no other has the same.
 * @throws AppError `unknown_shop` for one that is not among `known`, and for a name that several have.
 */
export function shopNamed(shop: string, known: readonly Pick<KnownShop, 'id' | 'name'>[]): string {
  if (known.some(({ id }) => id === shop)) return shop;
  const named = known.filter(({ name }) => name === shop);
  const [only, another] = named;
  if (only !== undefined && another === undefined) return only.id;
  const isAmbiguous = another !== undefined;
  const words = (isAmbiguous ? named : known).map(({ id, name }) => `${id} ${name}`).join(', ');
  const near = isAmbiguous
    ? ''
    : meant(
        shop,
        known.flatMap(({ id, name }) => [id, name]),
      );
  throw new AppError(
    'usage',
    'unknown_shop',
    isAmbiguous ? `${named.length} shops are called ${shop}: name one by its id` : `there is no shop ${shop}`,
    { hint: known.length === 0 ? 'none is known yet' : `one of: ${words}${near}` },
  );
}

/**
 * The same for questions to the store, where a shop that there is not would only bring an empty answer: the params with
 * the id. @throws as shopNamed.
 */
export async function withShopId<P extends { readonly shop?: string | undefined }>(
  store: Store,
  params: P,
): Promise<P> {
  if (params.shop === undefined) return params;
  return { ...params, shop: shopNamed(params.shop, await store.query(loadShops)) };
}

/** @throws AppError `unknown_run`. */
export async function assertKnownRun(store: Store, runId: string | undefined): Promise<void> {
  if (runId === undefined || (await store.run(runId)) !== undefined) return;
  throw new AppError('usage', 'unknown_run', `there is no run ${runId}`, { hint: '`shopsync history` shows the runs' });
}

/** The statuses of orders that TikTok has told of, and those that orders in the store have beside them. */
async function knownStatuses(store: Store): Promise<readonly string[]> {
  const { groups } = await store.query(countOrders, { groupBy: 'status' });
  return [...new Set([...orderStatuses, ...groups.map(({ key }) => key)])];
}

/**
 * A status that TikTok has not told of and no order in the store has is a slip of the finger; TikTok may add others at
 * any time.
 * @param place where in the params they stand. @param also what else may stand there.
 * @throws AppError `invalid_params`.
 */
export async function assertKnownStatuses(
  store: Store,
  statuses: readonly string[] | undefined,
  place = 'filter.status',
  also: readonly string[] = [],
): Promise<void> {
  const strange = (statuses ?? []).filter((status) => ![...also, ...orderStatuses].some((known) => known === status));
  if (strange.length === 0) return;
  const known = [...also, ...(await knownStatuses(store))];
  const unknown = strange.find((status) => !known.includes(status));
  if (unknown === undefined) return;
  const where = `${place}[${statuses?.indexOf(unknown)}]`;
  throw new AppError('usage', 'invalid_params', `Invalid params: ${where}: no order has the status ${unknown}`, {
    hint: `one of: ${known.join(', ')}${meant(unknown, known)}`,
  });
}

/** Stands for every status of those that change. */
const open = 'open';

/**
 * The statuses that are to be read, each once; in place of `open` all but those in which an order changes no more.
 * @throws AppError `invalid_params` for one that no order has.
 */
export async function statusesToRead(
  store: Store,
  streams: readonly Pick<Stream<unknown>, 'statuses' | 'closed'>[],
  given: string | readonly string[] | undefined,
): Promise<readonly string[] | undefined> {
  if (given === undefined) return undefined;
  const statuses = typeof given === 'string' ? [given] : given;
  await assertKnownStatuses(store, statuses, 'statuses', [open]);
  if (!statuses.includes(open)) return [...new Set(statuses)];
  const closed = new Set(streams.flatMap((stream) => (stream.statuses === undefined ? [] : (stream.closed ?? []))));
  const others = (await knownStatuses(store)).filter((status) => !closed.has(status));
  return [...new Set([...statuses, ...others])].filter((status) => status !== open);
}
