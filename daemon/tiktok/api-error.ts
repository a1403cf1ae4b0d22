import type { RpcErrorCode } from '../../shared/rpc-errors.ts';
import { AppError } from '../errors.ts';
import type { FailureClass } from '../errors.ts';
import type { Answer } from './api.ts';
import type { Classification } from './classify.ts';
import type { Reaction } from './codes.ts';

/** A call that TikTok refused for good, with what the caller may do about it (`split-window`, `skip`, …). */
export class ApiError extends AppError {
  readonly reaction: Reaction;
  /** TikTok's own code; undefined when the answer carried none. */
  readonly apiCode: number | undefined;
  /** HTTP status; 0 when there was no answer. */
  readonly http: number;
  /** When and in which place it was asked, see Answer: a refusal is an answer too. */
  readonly sent: Pick<Answer<unknown>, 'sentAt' | 'asked'> | undefined;

  /**
   * `where` is the path of the endpoint, without query. `said` is TikTok's message, already free of secrets.
   * `retryAfterMs` is in milliseconds.
   */
  constructor(where: string, failure: Classification, said: string, retryAfterMs?: number, sent?: ApiError['sent']) {
    const number = failure.code === undefined ? `HTTP ${failure.http}` : `code ${failure.code}`;
    const heard = failure.http === 0 ? '' : ` (${number}${said === '' ? '' : `: ${said}`})`;
    super(failure.class, failure.rpc ?? rpcCode(failure.class), `${failure.words}${heard} at ${where}`, {
      ...(failure.hint !== undefined && { hint: failure.hint }),
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    });
    this.reaction = failure.reaction;
    this.apiCode = failure.code;
    this.http = failure.http;
    this.sent = sent;
  }
}

function rpcCode(failureClass: FailureClass): RpcErrorCode {
  if (failureClass === 'token') return 'not_authorized';
  return failureClass === 'throttled' ? 'limit' : 'api';
}
