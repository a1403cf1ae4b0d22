import type { StreamName } from '../../shared/streams.ts';
import { AppError } from '../errors.ts';
import type { RecordTable } from '../store/page.ts';
import type { Rejected } from '../store/rejected.ts';
import type { CallOptions, ShopApi } from '../tiktok/api.ts';

/** Lengths in seconds. `settle + overlap` is the strip: read at every run, never covered. */
export interface Policy {
  readonly settle: number;
  readonly overlap: number;
  /** How far behind now the API itself may lie by its own word, in the streams where it tells; default 0. */
  readonly lag?: number | undefined;
}

/** A span of the axis to read, unix seconds. `to` may shrink while it is read: look again before each request. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

/** One answer of the API as the engine needs it. */
export interface Page<R> {
  readonly records: readonly R[];
  readonly rejected: readonly Rejected[];
  /** Server time at which it was asked, unix seconds. */
  readonly sentAt: number;
  /** Position in the order of asking. */
  readonly asked: number;
  /** `[from, coveredTo)` is now read whole. Without it, nothing new is known to be whole. */
  readonly from: number;
  readonly coveredTo?: number;
  /** Records left in the window behind this page, where the API told. */
  readonly remaining?: number;
  /** Ids that earlier pages brought and that may lie in `[from, coveredTo)` too: they are not brought again. */
  readonly before?: ReadonlySet<string>;
  /** Ids that were asked for and do not exist at the remote. */
  readonly absent?: readonly string[];
  /** The API has nothing newer than this, unix seconds, and says so: the copy is no fresher than that. */
  readonly freshTo?: number;
  /** The rest of the window is being walked by tokens: parting it would read it twice. */
  readonly pinned?: true;
}

/** What the API did that it should not do; counted and shown (rule 14). */
export type Oddity =
  | 'unsorted page'
  | 'second not whole'
  | 'list not whole'
  | 'days refused'
  | 'smaller page'
  | 'second not read'
  | 'far fewer shown than stored';

/** One second of the axis that contradicts itself: the rest of the window can be read without it. */
export class UnreadSecond extends AppError {
  /** Unix seconds. */
  readonly second: number;

  constructor(second: number, message: string) {
    super('transient', 'api', message, { hint: 'nothing was skipped; the second is read again with the next run' });
    this.second = second;
  }
}

interface Proof {
  sorted?: Promise<boolean>;
  /** The same for the sort by time of creation, which is another. */
  created?: Proof;
}

export interface ReadContext extends CallOptions {
  readonly api: ShopApi;
  /** Shared by the walkers of one run: whether the sort order was proved by a count, or is just being proved. */
  readonly proof: Proof;
  /** Records to ask for with a page, where it is not as many as usual; it changes while a window is read. */
  readonly pageSize?: (() => number) | undefined;
  /** Only records that have this status; where given, it is one of the stream's `statuses` or one that it has stored. */
  readonly status?: string | undefined;
  readonly odd: (what: Oddity, detail: string) => void;
}

/** By which time an audit compares. */
export type Axis = 'created' | 'updated';

/** Records that matched when it was asked: server time, unix seconds. */
export interface Counted {
  readonly total: number;
  readonly sentAt: number;
}

/** What an audit asks of an API that counts by either time. */
export interface Auditable<R> {
  /** How many records have that time in the window, whatever their other one; one request, or few. */
  count(axis: Axis, window: Window, context: ReadContext): Promise<Counted>;
  /** Reads those records. Its pages cover nothing. */
  read(axis: Axis, window: Window, context: ReadContext): AsyncGenerator<Page<R>, void, undefined>;
}

/** One kind of thing to keep in step. Adding a stream is one file and one line in the list. */
export interface Stream<R> {
  readonly name: StreamName;
  readonly table: RecordTable<R>;
  /** The endpoint that a run asks most: its pace decides how many walkers there are. */
  readonly path: string;
  /** Reads a window in pieces that only ever move forward. Whatever is yielded is true even if reading stops there. */
  read(window: Window, context: ReadContext): AsyncGenerator<Page<R>, void, undefined>;
  /** Reads records by their ids, whatever their time. */
  readIds(ids: readonly string[], context: ReadContext): AsyncGenerator<Page<R>, void, undefined>;
  /** How many records lie in a window, for one request; and how many come with a page. */
  count(window: Window, context: ReadContext): Promise<number>;
  /** Statuses by which its search filters, where it does: those that TikTok has told of. */
  readonly statuses?: readonly string[] | undefined;
  /** Statuses in which a record changes no more; where left out, all may. */
  readonly closed?: readonly string[] | undefined;
  readonly audit?: Auditable<R> | undefined;
  /** Where the API tells no totals, `count` is a guess. */
  readonly estimates?: boolean | undefined;
  readonly pageSize: number;
  /** Statuses as `status=…` and paths of fields that are no news in a record. */
  readonly documented: ReadonlySet<string>;
  /**
   * Seconds, where the configured ones do not fit this stream: what is younger than both together is read again by
   * every run and never covered.
   */
  readonly policy?: Policy;
}

/** The same pages where they are not read to cover what they come from. */
export async function* withoutCover<R>(pages: AsyncIterable<Page<R>>): AsyncGenerator<Page<R>, void, undefined> {
  for await (const { coveredTo: _, ...page } of pages) yield page;
}
