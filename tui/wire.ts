import { isJSONRPCResponse, type JSONRPCResponse } from 'json-rpc-2.0';

import type { Event } from '../shared/views.ts';

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** One message from the daemon: a reply to a call, an event, or something this client does not know and passes over. */
export type FromDaemon =
  | { readonly kind: 'reply'; readonly reply: JSONRPCResponse }
  | { readonly kind: 'event'; readonly event: Event }
  | { readonly kind: 'other' };

// The client loads no schemas: that these shapes hold is the daemon's duty, checked by its types and the protocol number.
const isEvent = (params: unknown): params is Event =>
  isObject(params) && typeof params['topic'] === 'string' && typeof params['seq'] === 'number' && 'data' in params;

/** Tells what a message's text, which must be JSON, is. */
export const readFromDaemon = (text: string): FromDaemon => {
  const value: unknown = JSON.parse(text);
  if (!isObject(value)) return { kind: 'other' };
  if (value['method'] === 'event' && isEvent(value['params'])) return { kind: 'event', event: value['params'] };
  return isJSONRPCResponse(value) ? { kind: 'reply', reply: value } : { kind: 'other' };
};

/** The stable word of an error, whether the same call may succeed later, and what to do about it. */
export interface RpcErrorData {
  readonly code: string;
  readonly retryable: boolean;
  readonly hint?: string;
}

/** An error's `data`, also from a server that leaves it out. */
export const readErrorData = (data: unknown): RpcErrorData => {
  if (!isObject(data) || typeof data['code'] !== 'string') return { code: 'internal', retryable: false };
  const { code, retryable, hint } = data;
  return { code, retryable: retryable === true, ...(typeof hint === 'string' ? { hint } : {}) };
};
