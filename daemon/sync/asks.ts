import type { RunKind } from '../../shared/run-views.ts';
import type { Span } from '../spans.ts';

/** A span of the axis, unix seconds. `isOpen`: it ends when it is asked for. */
export interface AskedSpan extends Span {
  readonly isOpen?: true;
}

/** What is asked for. Spans and `since` in unix seconds. */
export type Ask =
  | { readonly what: 'sync' }
  /** `statuses`: only records that have one of them. */
  | { readonly what: 'span'; readonly span: AskedSpan; readonly statuses?: readonly string[] | undefined }
  /** `anew`: also what a full resync before it has read that did not end. */
  | { readonly what: 'resync'; readonly since?: number | undefined; readonly anew?: boolean | undefined }
  /** Open records are read again by id. */
  | { readonly what: 'recheck' }
  | { readonly what: 'audit'; readonly repair: boolean };

export type HeavyAsk = Extract<Ask, { what: 'resync' | 'recheck' | 'audit' }>;

const kinds = { sync: 'incremental', span: 'partial', resync: 'full', recheck: 'recheck', audit: 'audit' } as const;

/** The kind of run that serves it; `sync` may need a full one. */
export const kindOf = ({ what }: Ask): RunKind => kinds[what];

/** What the schedule takes up again in its quiet hours, when it was left out or has failed. */
export const isNightWork = ({ what }: Ask): boolean => what === 'recheck' || what === 'audit';

/** The ask with which a run that failed is tried again: it goes on from what was read. */
export const again = (ask: Ask): Ask => (ask.what === 'resync' ? { ...ask, anew: false } : ask);
