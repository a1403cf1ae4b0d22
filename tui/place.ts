import type { Status, StreamStatus } from '../shared/views.ts';
import { shopNames } from './shop-names.ts';

/** What the keys act on: a stream of a shop, or with `null` all streams of a shop. No place at all means everything. */
export interface Place {
  readonly shop: string;
  readonly stream: string | null;
}

export type Step = 'up' | 'down' | 'shopBefore' | 'shopAfter';

export interface ShopStreams {
  readonly shop: string;
  readonly streams: readonly StreamStatus[];
}

/** The streams shop by shop, in the order in which the daemon tells them. */
export const byShop = ({ streams }: Pick<Status, 'streams'>): readonly ShopStreams[] => {
  const ids = [...new Set(streams.map(({ shop }) => shop))];
  return ids.map((shop) => ({ shop, streams: streams.filter((stream) => stream.shop === shop) }));
};

/** Every place there is, from the top of the screen to its end. A single shop is no place of its own. */
export const placesOf = (status: Pick<Status, 'streams'>): readonly Place[] => {
  const groups = byShop(status);
  return groups.flatMap(({ shop, streams }) => [
    ...(groups.length < 2 ? [] : [{ shop, stream: null }]),
    ...streams.map(({ stream }) => ({ shop, stream })),
  ]);
};

export const isSame = (a: Place | null, b: Place | null): boolean => a?.shop === b?.shop && a?.stream === b?.stream;

/** Whether a stream belongs to what is selected. */
export const covers = (place: Place | null, { shop, stream }: Pick<StreamStatus, 'shop' | 'stream'>): boolean =>
  place === null || (place.shop === shop && (place.stream === null || place.stream === stream));

/** The place after a step; before the first one lies everything. One that is gone counts as everything. */
export const stepped = (status: Pick<Status, 'streams'>, place: Place | null, step: Step): Place | null => {
  const places = placesOf(status);
  const at = places.findIndex((one) => isSame(one, place));
  switch (step) {
    case 'up':
      return places[at - 1] ?? null;
    case 'down':
      return places[Math.min(at + 1, places.length - 1)] ?? null;
    case 'shopBefore':
    case 'shopAfter': {
      const firsts = places.filter(({ shop }, index) => places[index - 1]?.shop !== shop);
      const here = firsts.findIndex(({ shop }) => shop === places[at]?.shop);
      if (step === 'shopAfter') return firsts[Math.min(here + 1, firsts.length - 1)] ?? null;
      return firsts[here - (isSame(firsts[here] ?? null, place) ? 1 : 0)] ?? null;
    }
  }
};

/** The place, while there is such a one. */
export const stillThere = (status: Pick<Status, 'streams'> | null, place: Place | null): Place | null =>
  status !== null && placesOf(status).some((one) => isSame(one, place)) ? place : null;

/** `orders of Demo shop`; without the shop where there is only one. */
export const placeWords = (status: Pick<Status, 'streams' | 'shops'>, place: Place | null): string => {
  const groups = byShop(status);
  if (place === null) return groups.length < 2 ? 'all streams' : `all streams of ${groups.length} shops`;
  const what = place.stream ?? 'all streams';
  return groups.length < 2 ? what : `${what} of ${shopNames(status.shops)(place.shop)}`;
};

/** The same as params of a call. */
export const placeParams = (place: Place | null): { readonly shop?: string; readonly stream?: string } =>
  place === null ? {} : { shop: place.shop, ...(place.stream !== null && { stream: place.stream }) };
