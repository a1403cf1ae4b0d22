import { type RpcErrorCode, type RpcErrorObject, rpcErrors } from '../../shared/rpc-errors.ts';
import { AppError } from '../errors.ts';

/** An error object as it is sent, with the numbers that only some errors have. */
export interface WireError extends RpcErrorObject {
  readonly data: RpcErrorObject['data'] & {
    /** Byte of the message at which reading stopped. */
    readonly offset?: number;
    /** The limit that was passed. */
    readonly limit?: number;
  };
}

/** The error object of a code, for failures that are found before any handler runs. */
export const wireError = (
  code: RpcErrorCode,
  message: string,
  data: { readonly hint?: string; readonly offset?: number; readonly limit?: number } = {},
): WireError => ({ code: rpcErrors[code], message, data: { code, retryable: code === 'busy', ...data } });

/** What a client may know of a failure. Anything but an AppError is ours alone: its text may hold paths or SQL. */
export const toWireError = (error: unknown): WireError => {
  if (!(error instanceof AppError)) return wireError('internal', 'Internal error');
  const { code, message, hint, retryable } = error;
  return {
    code: rpcErrors[code],
    message,
    data: { code, retryable, ...(hint === undefined ? {} : { hint }) },
  };
};
