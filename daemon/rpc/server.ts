import { createServer, type Socket } from 'node:net';

import { connectionLimits, type ConnectionLimits, endGently, RpcConnection } from './connection.ts';
import { type Dispatcher, errorText } from './dispatch.ts';
import { wireError } from './errors.ts';
import { bindSocket } from './socket-file.ts';
import type { SubscriptionSource } from './subscriptions.ts';

export interface RpcServerOptions {
  /** Where the socket lies. Its folder is made, mode 0711, if it is missing; a socket of that name is replaced. */
  readonly path: string;
  /** Default 0660. */
  readonly mode?: number;
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
  /**
   * Removes the socket's name if it is still ours, lets requests under way finish, ends all connections, and drops
   * what is left after `graceMs` milliseconds. Safe to call twice.
   */
  close(options: { readonly graceMs: number }): Promise<void>;
}

const tooMany = (limit: number): string => {
  const hint = 'close one, then try again';
  return `${errorText(wireError('busy', `${limit} connections are open already`, { hint, limit }))}\n\n`;
};

/** Opens the control socket. Throws AppError (`configuration`) when the path cannot be used. */
export const listen = async (options: RpcServerOptions): Promise<RpcServer> => {
  const { path, mode = 0o660, dispatcher, subscriptions, onError, maxConnections = 64 } = options;
  const limits = { ...connectionLimits, ...options.limits };
  const connections = new Set<RpcConnection>();
  const sockets = new Set<Socket>();

  const accept = (socket: Socket): void => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    if (connections.size >= maxConnections) {
      socket.on('error', () => {});
      socket.write(tooMany(maxConnections));
      endGently(socket, limits.lingerMs);
      return;
    }
    const connection = new RpcConnection(socket, dispatcher, subscriptions, limits);
    connections.add(connection);
    socket.once('close', () => connections.delete(connection));
  };

  const server = createServer({ allowHalfOpen: true }, accept);
  const removeName = await bindSocket(server, path, mode);
  server.on('error', onError);

  const shut = async (graceMs: number): Promise<void> => {
    const closed = Promise.withResolvers<void>();
    server.close(() => closed.resolve());
    removeName();
    for (const connection of connections) connection.finish();
    const timer = setTimeout(() => {
      for (const socket of sockets) socket.destroy();
    }, graceMs);
    await closed.promise;
    clearTimeout(timer);
  };

  let closing: Promise<void> | undefined;
  return {
    path,
    close({ graceMs }) {
      closing ??= shut(graceMs);
      return closing;
    },
  };
};
