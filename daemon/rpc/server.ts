import { createServer, type Socket } from 'node:net';

import { createAcceptor } from './accept.ts';
import { type Dispatcher, errorText } from './dispatch.ts';
import { wireError } from './errors.ts';
import type { SocketGroup } from './groups.ts';
import { connectionLimits, type ConnectionLimits, endGently, type Peer } from './peer.ts';
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
   * Removes the socket's name if it is still ours, lets requests under way finish, ends all connections, and drops
   * what is left after `graceMs` milliseconds. Called again it only shortens that time.
   */
  close(options: { readonly graceMs: number }): Promise<void>;
}

const tooMany = (limit: number): string => {
  const hint = 'close one, then try again';
  return `${errorText(wireError('busy', `${limit} connections are open already`, { hint, limit }))}\n\n`;
};

/** Opens the control socket. Throws AppError (`configuration`) when the path cannot be used. */
export const listen = async (options: RpcServerOptions): Promise<RpcServer> => {
  const { path, mode = 0o660, group, fd, dispatcher, subscriptions, onError, maxConnections = 64 } = options;
  const limits = { ...connectionLimits, ...options.limits };
  const connections = new Set<Peer>();
  const sockets = new Set<Socket>();
  const take = createAcceptor({ dispatcher, subscriptions, limits });

  const accept = (socket: Socket): void => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    if (connections.size >= maxConnections) {
      socket.on('error', () => {});
      socket.write(tooMany(maxConnections));
      endGently(socket, limits.lingerMs);
      return;
    }
    const connection = take(socket);
    connections.add(connection);
    socket.once('close', () => connections.delete(connection));
  };

  const server = createServer({ allowHalfOpen: true }, accept);
  const removeName = await (fd === undefined ? bindSocket(server, { path, mode, group }) : adoptSocket(server, fd));
  server.on('error', onError);

  const shut = async (): Promise<void> => {
    const closed = Promise.withResolvers<void>();
    server.close(() => closed.resolve());
    removeName();
    for (const connection of connections) connection.finish();
    await closed.promise;
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
