import { clean } from './clean.ts';
import { ConnectError, DisconnectedError, RpcError, TimeoutError } from './client.ts';

/** The exit statuses of the client. 130 is what a shell tells of a program that Ctrl-C ended. */
export const exit = {
  done: 0,
  failed: 1,
  noDaemon: 2,
  usage: 3,
  timeout: 4,
  busy: 5,
  unauthorized: 6,
  interrupted: 130,
} as const;

export type ExitStatus = (typeof exit)[keyof typeof exit];

/** The command line says something that cannot be done. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The daemon did its part, and what was asked for still did not come about. */
export class Unsuccessful extends Error {
  override readonly name = 'Unsuccessful';
  readonly status: ExitStatus;

  /** `status` is what the process exits with. */
  constructor(message: string, status: ExitStatus = exit.failed) {
    super(message);
    this.status = status;
  }
}

/** The exit status that a failure ends the client with. */
export const exitStatus = (error: unknown): ExitStatus => {
  if (error instanceof Unsuccessful) return error.status;
  if (error instanceof UsageError) return exit.usage;
  if (error instanceof ConnectError || error instanceof DisconnectedError) return exit.noDaemon;
  if (error instanceof TimeoutError) return exit.timeout;
  if (error instanceof RpcError && error.data.code === 'busy') return exit.busy;
  if (error instanceof RpcError && error.data.code === 'not_authorized') return exit.unauthorized;
  return exit.failed;
};

/** A failure as one line, safe for a terminal: what happened and what to do about it. */
export const oneLine = (error: unknown): string => {
  if (!(error instanceof Error)) return clean(String(error));
  const hint = error instanceof RpcError ? error.data.hint : undefined;
  return clean(hint === undefined ? error.message : `${error.message} (${hint})`);
};
