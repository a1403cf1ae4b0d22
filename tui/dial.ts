import { connect as connectSocket, type Socket } from 'node:net';

/** `missing`: no such socket · `stale`: a socket nobody listens on · `forbidden`: no right to open it. */
export type ConnectReason = 'missing' | 'stale' | 'forbidden' | 'failed';

const reasons: ReadonlyMap<unknown, ConnectReason> = new Map<unknown, ConnectReason>([
  ['ENOENT', 'missing'],
  ['ENOTDIR', 'missing'],
  ['ECONNREFUSED', 'stale'],
  ['EACCES', 'forbidden'],
  ['EPERM', 'forbidden'],
]);

const words: Readonly<Record<ConnectReason, (path: string, detail: string) => string>> = {
  missing: (path) => `no daemon: there is no socket at ${path}; start shopsyncd`,
  stale: (path) => `no daemon: nobody listens on ${path}, it was left behind; start shopsyncd`,
  forbidden: (path) => `no right to open ${path}; join the group that owns it`,
  failed: (path, detail) => `cannot connect to ${path}: ${detail}`,
};

/** No connection came about. `reason` says what a person should look at. */
export class ConnectError extends Error {
  override readonly name = 'ConnectError';
  readonly reason: ConnectReason;
  readonly path: string;

  constructor(reason: ConnectReason, path: string, cause: Error) {
    super(words[reason](path, cause.message), { cause });
    this.reason = reason;
    this.path = path;
  }
}

/** What a Unix socket's name may take; some versions of Node cut a longer one off without a word. */
const maxPathBytes = 107;

const reasonOf = (error: Error): ConnectReason => ('code' in error ? reasons.get(error.code) : undefined) ?? 'failed';

/** Opens the socket at `path`. Rejects with ConnectError. */
export const dial = async (path: string): Promise<Socket> => {
  if (Buffer.byteLength(path) > maxPathBytes) {
    throw new ConnectError('failed', path, new Error(`the path is longer than ${maxPathBytes} bytes`));
  }
  const socket = connectSocket({ path });
  const opened = Promise.withResolvers<void>();
  socket.once('connect', opened.resolve).once('error', opened.reject);
  try {
    await opened.promise;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new ConnectError(reasonOf(error), path, error);
  }
  socket.off('error', opened.reject);
  return socket;
};
