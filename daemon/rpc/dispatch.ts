import { createJSONRPCErrorResponse, JSONRPCServer } from 'json-rpc-2.0';
import type { z } from 'zod';

import { asciiJson } from '../../shared/ascii.ts';
import type { methods } from '../../shared/contract.ts';
import { meant } from '../../shared/nearest.ts';
import type { Topic } from '../../shared/views.ts';
import { AppError } from '../errors.ts';
import { answerInTurns } from './batch.ts';
import { toWireError } from './errors.ts';
import type { Call, Incoming, Refusal } from './message.ts';
import { checkParams } from './params.ts';
import { errorText, replyText } from './reply-text.ts';

/** One method as the table declares it. */
export interface MethodRow {
  readonly summary: string;
  readonly reads: boolean;
  readonly params: z.ZodObject;
  readonly result: z.ZodType;
}

export type MethodTable = Readonly<Record<string, MethodRow>>;

/** The caller, as a handler sees it. */
export interface Connection {
  /** Aborted when the caller is gone or was cut off. */
  readonly signal: AbortSignal;
  /**
   * Adds topics to what the caller receives. The snapshot and all events follow the reply to this request. Gives the
   * seq of the last event sent to the caller so far; the next has one more. `after` is the seq of the last event that
   * the caller got from this instance on another connection: if it is the seq given back, that subscription goes on,
   * and the runs missed come before the snapshot. Rejects with AppError where no events can be sent, and with
   * whatever making the snapshot rejects with; then nothing was added.
   */
  subscribe(topics: readonly Topic[], after?: number): Promise<number>;
  /** Takes away topics, or all of them, and gives those that are left. */
  unsubscribe(topics?: readonly Topic[]): readonly Topic[];
}

export type HandlersOf<T extends MethodTable> = {
  readonly [M in keyof T]: (
    params: z.output<T[M]['params']>,
    connection: Connection,
  ) => Promise<z.output<T[M]['result']>>;
};

/** Exactly one handler for each method of the contract. */
export type Handlers = HandlersOf<typeof methods>;

export interface DispatcherOptions {
  /** A handler failed in a way nobody foresaw. The client learns only that it did; the log needs the rest. */
  readonly onInternalError: (error: unknown, method: string) => void;
}

export interface Dispatcher {
  /** Does what a message asks and gives the JSON text of the answer, without a terminator; none to notifications. */
  answer(incoming: Incoming, connection: Connection): Promise<string | undefined>;
}

/**
 * Binds a method table to its handlers. The library finds and calls methods; its ids never leave this file, because it
 * rounds numbers, and every failure is turned into our own error object, because it would send any message it gets.
 */
export const createDispatcher = <T extends MethodTable>(
  table: T,
  handlers: HandlersOf<T>,
  { onInternalError }: DispatcherOptions,
): Dispatcher => {
  // Failures are reported where they are mapped, with the method's name; the library would tell all of them apart again.
  const server = new JSONRPCServer<Connection>({ errorListener: () => {} });
  server.mapErrorToJSONRPCErrorResponse = (id, error: unknown) => {
    const { code, message, data } = toWireError(error);
    return createJSONRPCErrorResponse(id, code, message, data);
  };

  const add = <M extends keyof T & string>(name: M): void => {
    const row: T[M] = table[name];
    const handle = handlers[name];
    server.addMethod(name, async (params: object | undefined, connection) => {
      try {
        return await handle(checkParams<T[M]['params']>(row.params, params), connection);
      } catch (error) {
        if (!(error instanceof AppError)) onInternalError(error, name);
        throw error;
      }
    });
  };
  // lightning-cli and pyln-client ask for this before their first call and go no further when it is refused. What they
  // would take by it are messages to their own calls; an `event` would break them, so it brings none.
  server.addMethod('notifications', () => ({}));
  for (const name of Object.keys(table)) add(name);

  const unknownMethod = (method: string): AppError =>
    new AppError('usage', 'unknown_method', 'Method not found', {
      hint: `there is no method ${JSON.stringify(method.slice(0, 100))}; rpc.discover lists them all${meant(method, Object.keys(table))}`,
    });

  const reply = async (call: Call, connection: Connection): Promise<string | undefined> => {
    const { id, method, params } = call;
    const isKnown = server.hasMethod(method);
    if (id === undefined) {
      if (isKnown) await server.receive({ jsonrpc: '2.0', method, params }, connection);
      return undefined;
    }
    if (!isKnown) return errorText(toWireError(unknownMethod(method)), id);
    const response = await server.receive({ jsonrpc: '2.0', method, params, id: 0 }, connection);
    if (response?.error !== undefined) return errorText(response.error, id);
    try {
      return replyText(id, 'result', asciiJson(response?.result));
    } catch (error) {
      onInternalError(error, method);
      return errorText(toWireError(error), id);
    }
  };

  const answerItem = async (item: Call | Refusal, connection: Connection): Promise<string | undefined> =>
    item.kind === 'call' ? await reply(item, connection) : errorText(item.error, item.id);

  return {
    answer: (incoming, connection) =>
      answerInTurns(incoming, connection.signal, (item) => answerItem(item, connection)),
  };
};
