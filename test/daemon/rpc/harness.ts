import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { onTestFinished } from 'vitest';
import { z } from 'zod';

import { type Bus, createBus } from '../../../daemon/bus.ts';
import { AppError } from '../../../daemon/errors.ts';
import { createDispatcher, type HandlersOf } from '../../../daemon/rpc/dispatch.ts';
import { Journal } from '../../../daemon/rpc/journal.ts';
import { listen, type RpcServer, type RpcServerOptions } from '../../../daemon/rpc/server.ts';
import type { SubscriptionSource } from '../../../daemon/rpc/subscriptions.ts';
import { type Status, topic } from '../../../shared/views.ts';
import { emptyStatus, realSchedule, row, subscribing } from './samples.ts';

/** The methods that the examples of the JSON-RPC 2.0 specification call, and some that misbehave. */
export const table = {
  subtract: row(z.strictObject({ minuend: z.number(), subtrahend: z.number() }), z.number()),
  sum: row(z.strictObject({ a: z.number(), b: z.number(), c: z.number() }), z.number()),
  update: row(z.strictObject({ a: z.int(), b: z.int(), c: z.int(), d: z.int(), e: z.int() }), z.null()),
  notify_hello: row(z.strictObject({ value: z.int() }), z.null()),
  notify_sum: row(z.strictObject({ a: z.int(), b: z.int(), c: z.int() }), z.null()),
  get_data: row(z.strictObject({}), z.tuple([z.string(), z.int()])),
  echo: row(z.strictObject({ text: z.string() }), z.string()),
  gate: row(z.strictObject({}), z.string()),
  bytes: row(z.strictObject({ count: z.int() }), z.string()),
  broken: row(z.strictObject({}), z.null()),
  unserialisable: row(z.strictObject({}), z.unknown()),
  fails: row(z.strictObject({}), z.null()),
  subscribe: subscribing,
  unsubscribe: row(z.strictObject({ topics: z.array(topic).optional() }), z.array(topic)),
} as const;

export interface Rig {
  readonly path: string;
  readonly server: RpcServer;
  readonly bus: Bus;
  readonly internalErrors: { readonly error: unknown; readonly method: string }[];
  /** Names of the methods whose handlers have run. */
  readonly called: string[];
  /** Lets every `gate` call under way be answered. */
  readonly openGate: () => void;
  /** How many `gate` calls are under way. */
  readonly gated: () => number;
}

export const newFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'shopsync-rpc-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

/** Looks again after each turn of the event loop until `holds` is true; the test's own time limit is the end. */
export const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
};

export const startRig = async (
  overrides: Partial<RpcServerOptions> & {
    readonly snapshot?: () => Promise<Status>;
    readonly schedule?: SubscriptionSource['schedule'];
  } = {},
): Promise<Rig> => {
  const { snapshot = () => Promise.resolve(emptyStatus), schedule = realSchedule, ...options } = overrides;
  const path = options.path ?? join(newFolder(), 'control.sock');
  const bus = createBus({
    now: Date.now,
    onWatcherError: (error) => {
      throw error;
    },
  });
  const internalErrors: { error: unknown; method: string }[] = [];
  const called: string[] = [];
  const gates: (() => void)[] = [];
  const ran = <T>(name: string, result: T): Promise<T> => {
    called.push(name);
    return Promise.resolve(result);
  };
  const handlers: HandlersOf<typeof table> = {
    subtract: ({ minuend, subtrahend }) => ran('subtract', minuend - subtrahend),
    sum: ({ a, b, c }) => ran('sum', a + b + c),
    update: () => ran('update', null),
    notify_hello: () => ran('notify_hello', null),
    notify_sum: () => ran('notify_sum', null),
    get_data: () => ran('get_data', ['hello', 5]),
    echo: ({ text }) => ran('echo', text),
    gate: async () => {
      await new Promise<void>((resolve) => gates.push(resolve));
      return 'open';
    },
    bytes: ({ count }) => ran('bytes', 'x'.repeat(count)),
    broken: () => {
      throw new TypeError('SELECT secret FROM tokens failed at /home/x');
    },
    unserialisable: () => ran('unserialisable', 1n),
    fails: () => Promise.reject(new AppError('usage', 'unknown_run', 'there is no run r9', { hint: 'see history' })),
    subscribe: ({ topics, after }, connection) => connection.subscribe(topics, after),
    unsubscribe: ({ topics }, connection) => Promise.resolve([...connection.unsubscribe(topics)]),
  };
  const server = await listen({
    path,
    dispatcher: createDispatcher(table, handlers, {
      onInternalError: (error, method) => internalErrors.push({ error, method }),
    }),
    subscriptions: { watch: bus.watch, journal: new Journal(bus.watch), snapshot, now: Date.now, schedule },
    onError: (error) => {
      throw error;
    },
    ...options,
  });
  onTestFinished(() => server.close({ graceMs: 0 }));
  const openGate = (): void => {
    for (const open of gates.splice(0)) open();
  };
  return { path, server, bus, internalErrors, called, openGate, gated: () => gates.length };
};

/** A client that knows nothing but bytes. */
export class RawPeer {
  readonly socket: Socket;
  readonly ended: Promise<void>;
  text = '';

  constructor(path: string) {
    this.socket = connect({ path, allowHalfOpen: true });
    this.socket.setEncoding('utf8').on('data', (chunk: string) => (this.text += chunk));
    this.ended = new Promise((resolve, reject) => {
      this.socket.once('end', resolve).once('error', reject);
    });
    this.ended.catch(() => {});
    onTestFinished(() => {
      this.socket.destroy();
    });
  }

  send(text: string | Uint8Array): this {
    this.socket.write(text);
    return this;
  }

  /** The messages received so far, without empty lines. */
  get lines(): string[] {
    return this.text.split('\n').filter((line) => line !== '');
  }

  get messages(): unknown[] {
    return this.lines.map((line): unknown => JSON.parse(line));
  }

  async receive(count: number): Promise<unknown[]> {
    await until(() => this.lines.length >= count && this.text.endsWith('\n'));
    return this.messages;
  }
}

/** Sends a text, half-closes at once as `nc -N` does, and gives everything that comes back before the end. */
export const exchange = async (path: string, text: string | Uint8Array): Promise<string> => {
  const peer = new RawPeer(path);
  peer.socket.end(text);
  await peer.ended;
  return peer.text;
};
