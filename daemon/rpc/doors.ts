import { connect } from 'node:net';

import { methods } from '../../shared/contract.ts';
import { observeSocket } from '../../shared/paths.ts';
import { AppError } from '../errors.ts';
import { createDispatcher, type DispatcherOptions, type Handlers } from './dispatch.ts';
import type { SocketGroup } from './groups.ts';
import type { InheritedSockets } from './listen-fds.ts';
import { createObserver } from './observer.ts';
import { listen, type RpcServer, type RpcServerOptions } from './server.ts';
import { createStoppable } from './stopping.ts';

export interface DoorsOptions
  extends Omit<RpcServerOptions, 'path' | 'mode' | 'fd' | 'group' | 'dispatcher'>, DispatcherOptions {
  /** Of control.sock; observe.sock lies beside it. */
  readonly path: string;
  readonly groups?: { readonly control?: SocketGroup | undefined; readonly observe?: SocketGroup | undefined };
  readonly inherited?: InheritedSockets;
  readonly handlers: Handlers;
  readonly version: string;
  /** How often it is looked whether the sockets still have their names, milliseconds; default 3000. */
  readonly lookEveryMs?: number;
  /** A socket whose name was removed has it again. */
  readonly onRestored?: (path: string) => void;
}

export interface Doors {
  /** Open ones, at both. */
  readonly connections: number;
  /** The methods that change something are refused from here on. */
  refuseWork(): void;
  /** What is not answered yet is answered `shutting_down`, and so is all that still comes. */
  abandon(): void;
  /** See RpcServer. */
  close(options: { readonly graceMs: number }): Promise<void>;
}

const refused = (message: string, hint: string): AppError =>
  new AppError('configuration', 'internal', message, { hint });

/** Whether somebody listens on a socket. One that refuses, is missing or may not be opened counts as left behind. */
const isAnswered = async (path: string): Promise<boolean> => {
  const socket = connect({ path });
  const told = Promise.withResolvers<boolean>();
  socket.once('connect', () => told.resolve(true));
  // EAGAIN: somebody listens and does not keep up.
  socket.once('error', (error) => told.resolve('code' in error && error.code === 'EAGAIN'));
  const answer = await told.promise;
  socket.destroy();
  return answer;
};

const assertFree = async (path: string): Promise<void> => {
  if (await isAnswered(path))
    throw refused(`another program listens on ${path}`, 'stop it first, or set rpc.socket to another path');
};

/** One after the other: for a moment both may need the same temporary name. What fails is told once and tried again. */
async function lookAfter(
  servers: readonly RpcServer[],
  failing: Set<RpcServer>,
  { onError, onRestored }: Pick<DoorsOptions, 'onError' | 'onRestored'>,
): Promise<void> {
  for (const server of servers) {
    try {
      if (await server.restore()) onRestored?.(server.path);
      failing.delete(server);
    } catch (error) {
      if (!failing.has(server)) onError(error instanceof Error ? error : new Error(String(error)));
      failing.add(server);
    }
  }
}

const read = new Set(Object.entries(methods).flatMap(([name, { reads }]) => (reads ? [name] : [])));

/**
 * Opens control.sock and observe.sock, or takes over those that were passed to the process, which are left in place.
 * Control.sock gets its name last: when it is there, both are. Throws AppError (`configuration`), and then nothing
 * is left open.
 */
export async function openDoors(options: DoorsOptions): Promise<Doors> {
  const {
    path,
    groups = {},
    inherited = {},
    handlers,
    version,
    onInternalError,
    lookEveryMs = 3000,
    onRestored: _,
    ...shared
  } = options;
  const beside = observeSocket(path);
  if (beside === path)
    throw refused(`the control socket cannot be ${path}: that is the name of the other one`, 'set rpc.socket');
  const control = createStoppable(createDispatcher(methods, handlers, { onInternalError }), (name) => read.has(name));
  const observe = createStoppable(createObserver(handlers, version, { onInternalError }), (name) => read.has(name));
  const wanted = [
    { path: beside, fd: inherited.observe, group: groups.observe, dispatcher: observe },
    { path, fd: inherited.control, group: groups.control, dispatcher: control },
  ];
  const servers: RpcServer[] = [];
  let timer: NodeJS.Timeout | undefined;
  const close: Doors['close'] = async (grace) => {
    clearInterval(timer);
    await Promise.all(servers.map((server) => server.close(grace)));
  };
  try {
    for (const door of wanted) if (door.fd === undefined) await assertFree(door.path);
    for (const door of wanted) servers.push(await listen({ ...shared, ...door }));
  } catch (error) {
    await close({ graceMs: 0 });
    throw error;
  }
  const failing = new Set<RpcServer>();
  timer = setInterval(() => void lookAfter(servers, failing, options), lookEveryMs);
  timer.unref();
  return {
    get connections() {
      return servers.reduce((sum, server) => sum + server.connections, 0);
    },
    refuseWork: () => {
      for (const dispatcher of [control, observe]) dispatcher.refuseWork();
    },
    abandon: () => {
      for (const dispatcher of [control, observe]) dispatcher.abandon();
    },
    close,
  };
}
