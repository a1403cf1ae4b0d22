import { lstatSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';

import { shuttingDown } from '../sync/failures.ts';
import { createAcceptor } from './accept.ts';
import type { Dispatcher } from './dispatch.ts';
import { toWireError, type WireError, wireError } from './errors.ts';
import type { SocketGroup } from './groups.ts';
import { connectionLimits, type ConnectionLimits, endGently, type Peer } from './peer.ts';
import { errorText } from './reply-text.ts';
import { adoptSocket, bindSocket } from './socket-file.ts';
import type { SubscriptionSource } from './subscriptions.ts';

export interface RpcServerOptions {
  /** Where the socket lies. Its folder is made, mode 0711, if it is missing; a socket of that name is replaced. */
  readonly path: string;
  /** Default 0660. */
  readonly mode?: number;
  /** Default: the group of the process. */
  readonly group?: SocketGroup | undefined;
  /** A listening socket that was passed to this process: it is served, and nothing in the file system is touched. */
  readonly fd?: number | undefined;
  readonly dispatcher: Dispatcher;
  readonly subscriptions: SubscriptionSource;
  /** Accepting a connection failed (out of file descriptors, say). The server goes on. */
  readonly onError: (error: Error) => void;
  /** Default 64. */
  readonly maxConnections?: number;
  readonly limits?: Partial<ConnectionLimits>;
}

export interface RpcServer {
  readonly path: string;
  /** Open ones. */
  readonly connections: number;
  /**
   * Gives the socket its name again where something has removed it, as what cleans up /tmp does; those who are connected
   * stay. One of another program is left in peace. @returns whether it had to. @throws AppError (`configuration`).
   */
  restore(): Promise<boolean>;
  /**
   * Removes the socket's name if it is still ours, lets requests under way finish, ends all connections, and drops
   * what is left after `graceMs` milliseconds. Called again it only shortens that time.
   */
  close(options: { readonly graceMs: number }): Promise<void>;
}

const tooMany = (limit: number): WireError => {
  const hint = 'close one, then try again';
  return wireError('busy', `${limit} connections are open already`, { hint, limit });
};

/** Opens the control socket. Throws AppError (`configuration`) when the path cannot be used. */
export const listen = async (options: RpcServerOptions): Promise<RpcServer> => {
  const { path, mode = 0o660, group, fd, dispatcher, subscriptions, onError, maxConnections = 64 } = options;
  const limits = { ...connectionLimits, ...options.limits };
  const connections = new Set<Peer>();
  const sockets = new Set<Socket>();
  /** Those above the limit, until they have read that; as many again, the others are told in JSON whatever they speak. */
  const crowd = new Set<Peer>();
  const parts = { dispatcher, subscriptions, limits, refusal: toWireError(shuttingDown()) };
  const full = tooMany(maxConnections);
  const take = createAcceptor(parts);
  const refuse = createAcceptor({ ...parts, refusal: full }, { isRefused: true });

  const accept = (socket: Socket): void => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    const isFull = connections.size >= maxConnections;
    if (isFull && crowd.size >= maxConnections) {
      socket.on('error', () => {});
      socket.write(`${errorText(full)}\n\n`);
      endGently(socket, limits.lingerMs);
      return;
    }
    const peer = isFull ? refuse(socket) : take(socket);
    const peers = isFull ? crowd : connections;
    peers.add(peer);
    socket.once('close', () => peers.delete(peer));
  };

  let server = createServer({ allowHalfOpen: true }, accept);
  let removeName = await (fd === undefined ? bindSocket(server, { path, mode, group }) : adoptSocket(server, fd));
  server.on('error', onError);

  /** Servers without a name, until those who came by it are gone. */
  const left: Promise<void>[] = [];
  let restoring: Promise<unknown> | undefined;

  const restore = async (): Promise<boolean> => {
    const isThere = lstatSync(path, { throwIfNoEntry: false }) !== undefined;
    if (fd !== undefined || closing !== undefined || isThere) return false;
    const fresh = createServer({ allowHalfOpen: true }, accept);
    const removeFresh = await bindSocket(fresh, { path, mode, group });
    fresh.on('error', onError);
    if (closing !== undefined) {
      removeFresh();
      fresh.close();
      return false;
    }
    const ended = Promise.withResolvers<void>();
    server.close(() => ended.resolve());
    left.push(ended.promise);
    [server, removeName] = [fresh, removeFresh];
    return true;
  };

  const shut = async (): Promise<void> => {
    const closed = Promise.withResolvers<void>();
    server.close(() => closed.resolve());
    removeName();
    for (const peer of [...connections, ...crowd]) peer.finish();
    await restoring;
    await Promise.all([closed.promise, ...left]);
    clearTimeout(dropping);
    dropAt = -Infinity;
  };

  let dropAt = Infinity;
  let dropping: NodeJS.Timeout | undefined;
  let closing: Promise<void> | undefined;
  return {
    path,
    get connections() {
      return connections.size;
    },
    restore() {
      const restored = restore();
      restoring = restored.catch(() => undefined);
      return restored;
    },
    close({ graceMs }) {
      closing ??= shut();
      if (performance.now() + graceMs < dropAt) {
        dropAt = performance.now() + graceMs;
        clearTimeout(dropping);
        dropping = setTimeout(() => {
          for (const socket of sockets) socket.destroy();
        }, graceMs);
      }
      return closing;
    },
  };
};
