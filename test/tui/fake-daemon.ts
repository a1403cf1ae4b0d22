import { rmSync } from 'node:fs';
import { type Server, type Socket, createServer } from 'node:net';
import { createInterface } from 'node:readline';

import { PROTOCOL } from '../../shared/protocol.ts';
import type { RpcErrorCode } from '../../shared/rpc-errors.ts';
import type { Event, Status } from '../../shared/views.ts';

export interface Call {
  readonly method: string;
  readonly params: unknown;
}

/** What a scripted method throws to answer with an error. */
export class Refusal extends Error {
  readonly code: RpcErrorCode;
  readonly hint: string | undefined;
  constructor(code: RpcErrorCode, message: string, hint?: string) {
    super(message);
    this.code = code;
    this.hint = hint;
  }
}

export type Script = (params: unknown) => unknown;

/** A daemon with scripted answers behind a real Unix socket. A method without a script never answers. */
export class FakeDaemon {
  readonly path: string;
  readonly calls: Call[] = [];
  readonly scripts = new Map<string, Script>();
  status: Status;
  frozen = false;
  protocol = PROTOCOL;
  #server: Server | undefined;
  readonly #sockets = new Set<Socket>();
  /** The number of the last event that each was sent. */
  readonly #subscribers = new Map<Socket, number>();
  #subscriptions = 0;

  constructor(path: string, status: Status) {
    this.path = path;
    this.status = status;
    this.scripts.set('hello', () => ({
      server: 'shopsyncd',
      version: this.status.version,
      protocol: this.protocol,
      instanceId: this.status.instanceId,
      capabilities: [],
    }));
    this.scripts.set('status', () => this.status);
    this.scripts.set('history', () => ({ runs: [] }));
  }

  async start(): Promise<void> {
    this.#server = createServer((socket) => this.#serve(socket));
    const listening = Promise.withResolvers<void>();
    this.#server.once('error', listening.reject).listen(this.path, listening.resolve);
    await listening.promise;
  }

  /** Dies as with SIGKILL: connections break and the socket stays behind. */
  async kill(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    const closed = Promise.withResolvers<void>();
    this.#server?.close(() => closed.resolve());
    await closed.promise;
    rmSync(this.path, { force: true });
  }

  called(method: string): readonly unknown[] {
    return this.calls.filter((call) => call.method === method).map(({ params }) => params);
  }

  emit<T extends Event['topic']>(topic: T, data: Extract<Event, { topic: T }>['data']): void {
    for (const socket of this.#subscribers.keys()) this.#event(socket, topic, data);
  }

  /** An event that is counted and does not arrive. */
  lose(): void {
    for (const [socket, seq] of this.#subscribers) this.#subscribers.set(socket, seq + 1);
  }

  #event(socket: Socket, topic: string, data: unknown): void {
    const seq = (this.#subscribers.get(socket) ?? 0) + 1;
    this.#subscribers.set(socket, seq);
    const event = { topic, seq, at: new Date().toISOString(), data };
    socket.write(`${JSON.stringify({ jsonrpc: '2.0', method: 'event', params: event })}\n`);
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => {
      this.#sockets.delete(socket);
      this.#subscribers.delete(socket);
    });
    // A client that ends with unread events resets the connection; the reader of lines tells that once more.
    const lines = createInterface({ input: socket }).on('error', () => {});
    lines.on('line', (line) => void this.#answer(socket, line));
  }

  async #answer(socket: Socket, line: string): Promise<void> {
    if (line.trim() === '') return;
    const { id, method, params }: { id: number; method: string; params?: unknown } = JSON.parse(line);
    this.calls.push({ method, params });
    if (this.frozen) return;
    const reply = (part: object) => socket.write(`${JSON.stringify({ jsonrpc: '2.0', id, ...part })}\n`);
    if (method === 'subscribe') {
      // It remembers nobody: who comes back begins anew.
      const seq = this.#subscriptions++ * 1000;
      this.#subscribers.set(socket, seq);
      reply({ result: { instanceId: this.status.instanceId, seq } });
      this.#event(socket, 'snapshot', this.status);
      return;
    }
    const script = this.scripts.get(method);
    if (script === undefined) return;
    try {
      reply({ result: await script(params) });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const { code, hint, message } = error;
      reply({ error: { code: -32000, message, data: { code, retryable: false, ...(hint && { hint }) } } });
    }
  }
}
