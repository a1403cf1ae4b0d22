import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

import type { Reply } from './envelope.ts';
import type { RequestFault } from './faults-kinds.ts';

/** How an answer goes out, where it does not simply go out. `ms` is the time of one byte, milliseconds. */
export type Wire =
  | { readonly kind: 'cut' | 'truncate' | 'hang' | 'stall' }
  | { readonly kind: 'drip'; readonly ms: number };

/** The first of the faults that concerns the wire. */
export function wireOf(struck: readonly RequestFault[]): Wire | undefined {
  for (const fault of struck) {
    if (fault.kind === 'drip') return { kind: 'drip', ms: fault.ms };
    if (fault.kind === 'cut' || fault.kind === 'truncate' || fault.kind === 'hang' || fault.kind === 'stall') {
      return { kind: fault.kind };
    }
  }
  return undefined;
}

/** By how many seconds the Date header is wrong. */
export const dateErrorOf = (struck: readonly RequestFault[]): number =>
  struck.reduce((total, fault) => total + (fault.kind === 'date' ? fault.by : 0), 0);

/** Sends an answer as its wire says; the Date header tells `now`, unix seconds. Resolves when all is sent that will be. */
export async function send(response: ServerResponse, reply: Reply, now: number, signal: AbortSignal): Promise<void> {
  const { wire } = reply;
  if (wire?.kind === 'hang') return;
  const body = wire?.kind === 'truncate' ? reply.body.subarray(0, Math.floor(reply.body.length * 0.6)) : reply.body;
  response.sendDate = false;
  response.writeHead(reply.http, {
    ...reply.headers,
    'content-length': body.length,
    'content-type': reply.contentType,
    date: new Date((now + (reply.dateError ?? 0)) * 1000).toUTCString(),
  });
  if (wire?.kind === 'stall') return response.flushHeaders();
  if (wire?.kind === 'cut') {
    response.write(body.subarray(0, body.length >> 1), () => response.destroy());
    return;
  }
  if (wire?.kind === 'drip') {
    for (let at = 0; at < body.length && !response.destroyed; at += 1) {
      response.write(body.subarray(at, at + 1));
      await delay(wire.ms, undefined, { signal });
    }
    response.end();
    return;
  }
  response.end(body);
}
