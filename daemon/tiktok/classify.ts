import { badPageToken, codeRows, httpRows, messageRows, OVERLOADED, type Row, unknownRow } from './codes.ts';

/** What is known of an answer that is no success. */
export interface Failure {
  /** HTTP status. */
  readonly http: number;
  /** `code` of the envelope; undefined when the answer carries none. */
  readonly code?: number | undefined;
  /** `message` of the envelope, or the beginning of an answer that has none. */
  readonly message?: string | undefined;
  /** Milliseconds that a Retry-After header asks for. */
  readonly retryAfterMs?: number | undefined;
  /** Whether the request carried a page token. */
  readonly paging?: boolean | undefined;
}

export interface Classification extends Row {
  readonly http: number;
  readonly code: number | undefined;
  readonly retryAfterMs: number | undefined;
}

const byCode = new Map<number, Row>(codeRows.flatMap((row) => row.codes.map((code) => [code, row] as const)));

/** Pure: which row of the tables a failed answer is. An unknown code counts by its HTTP status if that says 429 or 5xx. */
export function classify(failure: Failure): Classification {
  const { class: failureClass, reaction, words, hint, rpc, attempts, wait } = rowOf(failure);
  return {
    class: failureClass,
    reaction,
    words,
    ...(hint !== undefined && { hint }),
    ...(rpc !== undefined && { rpc }),
    ...(attempts !== undefined && { attempts }),
    ...(wait !== undefined && { wait }),
    http: failure.http,
    code: failure.code,
    retryAfterMs: failure.retryAfterMs,
  };
}

function rowOf({ http, code, message = '', paging = false }: Failure): Row {
  if (code === undefined) return byStatus(http, message);
  const row = code === OVERLOADED ? messageRows.find(({ pattern }) => pattern.test(message)) : byCode.get(code);
  if (row === undefined) return http === 429 || http >= 500 ? byStatus(http, message) : unknownRow;
  if (paging && badPageToken.has(code) && (row.reaction === 'stop' || row.reaction === 'split-window'))
    return { class: 'transient', reaction: 'restart-window', words: 'the page token is no longer accepted' };
  return row;
}

const byStatus = (http: number, message: string): Row =>
  httpRows.find(({ from, to, pattern }) => http >= from && http <= to && (pattern?.test(message) ?? true)) ??
  unknownRow;
