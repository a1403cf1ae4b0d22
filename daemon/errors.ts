import type { RpcErrorCode } from '../shared/rpc-errors.ts';

/**
 * Rule 9: what kind of failure it is decides what happens next.
 * `transient` is tried again with backoff · `throttled` waits as told · `token` refreshes once, then stops and asks ·
 * `configuration` stops the stream at once · `record` sets one record aside · `store` rolls back and stops ·
 * `usage` is a caller's mistake and concerns nobody else.
 */
export type FailureClass = 'transient' | 'throttled' | 'token' | 'configuration' | 'record' | 'store' | 'usage';

/** Every expected failure: its class, the word that clients branch on, and what a person should do about it. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly class: FailureClass;
  readonly code: RpcErrorCode;
  readonly hint: string | undefined;
  /** For `throttled`: how long the server asked to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(
    failureClass: FailureClass,
    code: RpcErrorCode,
    message: string,
    options: { readonly hint?: string; readonly retryAfterMs?: number; readonly cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.class = failureClass;
    this.code = code;
    this.hint = options.hint;
    this.retryAfterMs = options.retryAfterMs;
  }

  /** Whether the same work may succeed later without anybody changing anything. */
  get retryable(): boolean {
    return this.class === 'transient' || this.class === 'throttled';
  }
}
