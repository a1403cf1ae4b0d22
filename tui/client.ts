import type { Socket } from 'node:net';

import { createJSONRPCErrorResponse, createJSONRPCRequest, JSONRPCClient } from 'json-rpc-2.0';

import { asciiJson } from '../shared/ascii.ts';
import type { Method, Params, Result } from '../shared/contract.ts';
import { clientLimits, Framer } from '../shared/framing.ts';
import type { Event } from '../shared/views.ts';
import { dial } from './dial.ts';
import { readErrorData, readFromDaemon, type RpcErrorData } from './wire.ts';

export { ConnectError } from './dial.ts';

export interface CallOptions {
  /** How long to wait for the answer, in milliseconds; without it, as long as the connection stands. */
  readonly timeoutMs?: number;
  /** Gives up waiting; the call rejects with the signal's reason. The daemon goes on with what it was asked. */
  readonly signal?: AbortSignal;
}

export interface Client {
  /** Rejects with RpcError (the daemon's own answer), TimeoutError, DisconnectedError, or the signal's reason. */
  call<M extends Method>(method: M, params?: Params<M>, options?: CallOptions): Promise<Result<M>>;
  /** The same for a method whose name and types are not known beforehand. */
  callAny(method: string, params?: unknown, options?: CallOptions): Promise<unknown>;
  /** Hears every event after a `subscribe`, in order, until the function returned is called. */
  onEvent(listener: (event: Event) => void): () => void;
  /** Resolves when the connection is over, whoever ended it. Never rejects. */
  readonly closed: Promise<void>;
  /** Ends the connection; calls under way reject with DisconnectedError. */
  close(): void;
}

/** The daemon answered with an error. `code` is its JSON-RPC number, `data.code` the word to branch on. */
export class RpcError extends Error {
  override readonly name = 'RpcError';
  readonly code: number;
  readonly data: RpcErrorData;

  constructor(code: number, message: string, data: RpcErrorData) {
    super(message);
    this.code = code;
    this.data = data;
  }
}

/** No answer came within `timeoutMs`. What was asked for may still happen. */
export class TimeoutError extends Error {
  override readonly name = 'TimeoutError';
}

/** The connection ended before the answer came. */
export class DisconnectedError extends Error {
  override readonly name = 'DisconnectedError';
}

class SocketClient implements Client {
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  readonly #framer = new Framer(clientLimits);
  readonly #listeners = new Set<(event: Event) => void>();
  readonly #giveUps = new Set<(reason: Error) => void>();
  readonly #rpc: JSONRPCClient;
  #id = 0;
  #why: Error | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.#rpc = new JSONRPCClient((request: unknown) => {
      socket.write(`${asciiJson(request)}\n`);
    });
    const closed = Promise.withResolvers<void>();
    this.closed = closed.promise;
    socket.on('data', (chunk: Uint8Array) => this.#onData(chunk));
    socket.on('error', (cause) => {
      this.#why ??= new DisconnectedError(`the daemon went away: ${cause.message}`, { cause });
    });
    socket.on('close', () => {
      this.#giveUpAll(this.#reason);
      closed.resolve();
    });
  }

  async call<M extends Method>(method: M, params?: Params<M>, options?: CallOptions): Promise<Result<M>> {
    // Here a wire becomes a type: the daemon's handlers are typed by the same table.
    return (await this.callAny(method, params, options)) as Result<M>;
  }

  async callAny(method: string, params?: unknown, { timeoutMs, signal }: CallOptions = {}): Promise<unknown> {
    signal?.throwIfAborted();
    if (this.#socket.destroyed) throw this.#reason;
    const id = ++this.#id;
    const givenUp = Promise.withResolvers<never>();
    const onAbort = (): void => givenUp.reject(signal?.reason);
    const timer =
      timeoutMs === undefined
        ? undefined
        : setTimeout(
            () => givenUp.reject(new TimeoutError(`no answer to ${method} within ${timeoutMs} ms`)),
            timeoutMs,
          );
    signal?.addEventListener('abort', onAbort);
    this.#giveUps.add(givenUp.reject);
    try {
      const reply = this.#rpc.requestAdvanced(createJSONRPCRequest(id, method, params));
      const { result, error } = await Promise.race([reply, givenUp.promise]);
      if (error === undefined) return result;
      throw new RpcError(error.code, error.message, readErrorData(error.data));
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      this.#giveUps.delete(givenUp.reject);
      // Takes the call off the library's list of pending ones, in case no answer did.
      this.#rpc.receive(createJSONRPCErrorResponse(id, 0, 'given up'));
    }
  }

  onEvent(listener: (event: Event) => void): () => void {
    const own = (event: Event): void => listener(event);
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }

  close(): void {
    this.#why ??= new DisconnectedError('the connection was closed before the daemon answered');
    this.#giveUpAll(this.#why);
    this.#socket.destroy();
  }

  get #reason(): Error {
    return this.#why ?? new DisconnectedError('the daemon went away before it answered');
  }

  #giveUpAll(reason: Error): void {
    for (const giveUp of this.#giveUps) giveUp(reason);
  }

  #onData(chunk: Uint8Array): void {
    this.#framer.push(chunk);
    for (let framed = this.#framer.next(); framed !== undefined; framed = this.#framer.next()) {
      if (framed.kind === 'error') {
        this.#why ??= new DisconnectedError(
          `what answers is no shopsync daemon (${framed.fault} at byte ${framed.offset})`,
        );
        this.#socket.destroy();
        return;
      }
      this.#onMessage(framed.text);
    }
  }

  #onMessage(text: string): void {
    const message = readFromDaemon(text);
    if (message.kind === 'event') {
      for (const listener of this.#listeners) listener(message.event);
    } else if (message.kind === 'reply') {
      const { id, error } = message.reply;
      // Without an id it concerns the connection as a whole: there are too many, or what we sent could not be read.
      if (id === null && error) {
        this.#why = new RpcError(error.code, error.message, readErrorData(error.data));
        this.#giveUpAll(this.#why);
      } else this.#rpc.receive(message.reply);
    }
  }
}

/** Connects to the daemon behind the Unix socket at `path`. Rejects with ConnectError. */
export const connect = async (path: string): Promise<Client> => new SocketClient(await dial(path));
