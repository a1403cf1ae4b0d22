/** What a search of records asks for, once it is known which records match. */
export interface PageAsked {
  readonly descending: boolean;
  readonly limit: number;
  /** Records of the whole result to leave out, or the key after which the page begins. */
  readonly from: { readonly offset: number } | { readonly after: number };
}

export interface RecordPage<T> {
  readonly records: readonly T[];
  /** Records that match now, on all pages. */
  readonly total: number;
  readonly lastKey: number;
  readonly nextOffset: number;
  readonly more: boolean;
}

/** One page of the records that match, sorted by a key that no two of them share. */
export function pageOf<T>(matching: readonly T[], keyOf: (record: T) => number, asked: PageAsked): RecordPage<T> {
  const direction = asked.descending ? -1 : 1;
  const sorted = matching
    .map((record) => ({ record, key: keyOf(record) * direction }))
    .toSorted((a, b) => a.key - b.key);
  const { from } = asked;
  const found = 'offset' in from ? from.offset : sorted.findIndex(({ key }) => key > from.after * direction);
  const first = found < 0 ? sorted.length : Math.min(found, sorted.length);
  const page = sorted.slice(first, first + asked.limit);
  return {
    records: page.map(({ record }) => record),
    total: sorted.length,
    lastKey: (page.at(-1)?.key ?? 0) * direction,
    nextOffset: first + page.length,
    more: first + page.length < sorted.length,
  };
}
