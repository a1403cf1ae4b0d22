import { z } from 'zod';

import { asciiJson } from '../../shared/ascii.ts';
import { rpcErrors } from '../../shared/rpc-errors.ts';
import { wireError } from './errors.ts';
import { errorReply, failure, notFound, type Reply } from './http-reply.ts';
import type { Incoming } from './message.ts';

/** Exactly one of the two is there. */
const answered = z.object({
  result: z.unknown().optional(),
  error: z.object({ code: z.int(), message: z.string(), data: z.looseObject({ code: z.string() }) }).optional(),
});

/** What a method's result looks like on HTTP. */
export interface Probe {
  readonly method: string;
  /** Undefined when the result is not what it should be. */
  readonly reply: (result: unknown) => Reply | undefined;
}

const text = (status: number, type: string, body: string): Reply => ({
  status,
  headers: { 'Content-Type': type, 'Cache-Control': 'no-store' },
  body,
});

const health: Probe = {
  method: 'health',
  reply: (result) => {
    const { data } = z.object({ ok: z.boolean() }).safeParse(result);
    return data && text(data.ok ? 200 : 503, 'application/json', `${asciiJson(result)}\n`);
  },
};

const metrics: Probe = {
  method: 'metrics',
  reply: (result) => {
    const { data } = z.object({ text: z.string() }).safeParse(result);
    return data && text(200, 'text/plain; version=0.0.4; charset=utf-8', data.text);
  },
};

/** Paths that machines look at by themselves, and the methods behind them. */
export const probes: ReadonlyMap<string, Probe> = new Map([
  ['/health', health],
  ['/metrics', metrics],
]);

/** Answers a probe by calling its method. `call` gives the JSON text of the reply. */
export const probe = async (
  { method, reply }: Probe,
  call: (incoming: Incoming) => Promise<string | undefined>,
): Promise<Reply> => {
  const json = await call({ isBatch: false, items: [{ kind: 'call', method, params: undefined, id: 'null' }] });
  const { data } = answered.safeParse(JSON.parse(json ?? 'null'));
  const error = data?.error;
  if (error === undefined) return reply(data?.result) ?? failure(500, wireError('internal', 'Internal error'));
  if (error.code === rpcErrors.unknown_method) return notFound;
  return errorReply(503, { ...error.data, message: error.message });
};
