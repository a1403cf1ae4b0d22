import { AppError } from '../errors.ts';
import { ApiError } from './api-error.ts';

/** Why a code brought no tokens, with what the person who gave it can do next: nobody else tries it again. */
export function exchangeFailure(failure: AppError): AppError {
  const hint = hintOf(failure);
  if (hint === undefined) return failure;
  const { class: kind, code, message, retryAfterMs, cause } = failure;
  return new AppError(kind, code, message, { hint, cause, ...(retryAfterMs !== undefined && { retryAfterMs }) });
}

function hintOf(failure: AppError): string | undefined {
  switch (failure.class) {
    case 'token':
      // TikTok: a code holds for 30 minutes and for one use. What is not TikTok's word has a hint of its own.
      return failure instanceof ApiError
        ? 'a code holds for 30 minutes and for one use; for another one: shopsync auth url'
        : undefined;
    case 'transient':
    case 'throttled':
      return 'check the network and api.auth_url, then give the same code again: it may still hold';
    case 'store':
      return 'free some space or mend the rights of the folder, then give the same code again: its tokens are kept until then';
    case 'configuration':
    case 'record':
    case 'usage':
      return undefined;
  }
}
