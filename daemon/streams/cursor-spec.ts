import type { Rejected } from '../store/rejected.ts';
import type { Axis, ReadContext, Stream } from './stream.ts';

/** One page of a search: half-open filters of time, ascending. All times are unix seconds. */
export interface CursorQuery {
  /** The time that `from` and `to` are about; default: the stream's own. The other one parts its ties. */
  readonly axis?: Axis;
  readonly from: number;
  readonly to: number;
  readonly tieFrom?: number;
  readonly tieTo?: number;
  /** What to sort by: the time that is read by, or the one that parts its ties. */
  readonly by: 'time' | 'tie';
  readonly token?: string;
  readonly size: number;
}

/** An answer as the API sent it, its list not yet looked at. */
export interface RawAnswer {
  readonly items: readonly unknown[];
  /** Present while more follows: TikTok ends a list with `""` or without the key. */
  readonly next: string | undefined;
  /** Matching records in all, of which this page is a part. */
  readonly total: number | undefined;
  readonly sentAt: number;
  readonly asked: number;
}

/** The same, its list parted into what can be stored and what cannot. */
export interface CursorAnswer<R> extends Omit<RawAnswer, 'items'> {
  readonly records: readonly R[];
  readonly rejected: readonly Rejected[];
}

/** What makes a stream of an API's sorted search with half-open filters of time. `cursorStream` does the rest. */
export interface CursorSpec<R> extends Pick<
  Stream<R>,
  'name' | 'table' | 'path' | 'pageSize' | 'documented' | 'policy' | 'statuses' | 'closed'
> {
  /** The API's own name of the time that the stream is read by. */
  readonly axis: string;
  /** Records of a page at least, where fewer are refused. */
  readonly leastPageSize?: number;
  /**
   * Whether answers tell how many records match. Without it the sort is proved by reading a part again, what is left is
   * unknown, and `count` estimates.
   */
  readonly counts: boolean;
  search(query: CursorQuery, context: ReadContext): Promise<RawAnswer>;
  readonly byIds: {
    readonly perCall: number;
    /** What was not found is absent at the remote, unless the answer has a `next`. */
    ask(ids: readonly string[], context: ReadContext): Promise<RawAnswer>;
  };
  /** An object of the API → the record to store, or the reason why it cannot be stored (rule 4). */
  toRecord(raw: unknown): { readonly record: R } | { readonly rejected: Rejected };
  /** Where the search filters by status. */
  readonly statusOf?: (record: R) => string;
  /** Tells whether a record came again unchanged. */
  payloadOf(record: R): string;
  /**
   * The time of creation, unix seconds, where the search sorts and filters by it as well: it parts a second that holds
   * more than a page, and where answers are counted, audits read by it.
   */
  readonly tieOf?: (record: R) => number;
}
