import { z } from 'zod';

import type { RpcErrorCode } from './rpc-errors.ts';

/**
 * One row of the method table: what is checked at the socket, typed on both sides and published by `rpc.discover`.
 * `reads` marks the methods that change nothing; params given by position come in the order of the schema's keys;
 * `errors` are those that a caller should be ready for beside the ones of JSON-RPC itself, most likely first.
 */
export const method = <P extends z.ZodObject, R extends z.ZodType>(row: {
  readonly summary: string;
  readonly reads: boolean;
  readonly params: P;
  readonly result: R;
  readonly errors: readonly RpcErrorCode[];
}) => row;

/** The end of the year 9999: ISO 8601 has no word of four digits for what comes later, and runs tell their span in it. */
const latest = 253_402_300_799;

/**
 * An instant as clients may write it: integer unix seconds, or ISO 8601. Inside it is always unix seconds, from 0 to the
 * end of the year 9999: what lies beyond counts as the nearer of the two.
 */
export const instant = z
  .union([z.int().nonnegative(), z.iso.datetime({ offset: true })])
  .transform((value) => (typeof value === 'number' ? value : Math.floor(Date.parse(value) / 1000)))
  .transform((seconds) => Math.min(latest, Math.max(0, seconds)));

export const streams = z
  .union([z.string(), z.array(z.string()).min(1)])
  .describe('a stream, or a list of them; default all');
export const shop = z.string().describe('shop id, or its exact name; default all');
export const wait = z
  .boolean()
  .default(false)
  .describe('answer when the runs have ended instead of when they are accepted');
export const nothing = z.strictObject({});
