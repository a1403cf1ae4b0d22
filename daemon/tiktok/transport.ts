import { Agent, errors } from 'undici';

import { AppError } from '../errors.ts';
import { createTurns } from './turns.ts';

/** An answer of 100 orders is about 300 KB; what is far beyond that is no answer of this API. */
const LARGEST_ANSWER = 64 * 1024 * 1024;

/** The request did not come back: no connection, or no whole answer in time. */
export class Unreachable extends AppError {
  /** Whether the API was there, but its answer came too slowly or was too large: less at a time may help then. */
  readonly isTooMuch: boolean;

  constructor(message: string, isTooMuch: boolean) {
    super('transient', 'api', message, { hint: 'check the network and api.base_url; it is tried again by itself' });
    this.isTooMuch = isTooMuch;
  }
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly text: string;
  /** The Date header, as it came. */
  readonly date: string | undefined;
  readonly retryAfter: string | undefined;
}

export interface Transport {
  /**
   * Sends one request and reads its whole answer, whatever the status. Rejects with the signal's reason, or with a
   * an Unreachable that names no URL: queries carry secrets.
   */
  send(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer>;
  /** Ends all connections, with the requests on them. */
  close(): Promise<void>;
}

/**
 * HTTP/1.1 with kept connections to one origin. `timeoutMs` (milliseconds) bounds a request from the start of
 * connecting to the last byte of the body, also when a server drips one byte now and then. The caller bounds how many
 * are under way; each has a connection of its own.
 */
export function createTransport(options: { readonly baseUrl: string; readonly timeoutMs: number }): Transport {
  const { origin, pathname } = new URL(options.baseUrl);
  const prefix = pathname.replace(/\/+$/, '');
  const agent = new Agent({
    allowH2: false,
    connect: { timeout: options.timeoutMs },
    headersTimeout: options.timeoutMs,
    bodyTimeout: options.timeoutMs,
    maxResponseSize: LARGEST_ANSWER,
  });

  const ownTurn = createTurns();

  return {
    async send(request, signal) {
      signal.throwIfAborted();
      const deadline = new AbortController();
      const stop = () => deadline.abort(signal.reason);
      signal.addEventListener('abort', stop, { once: true });
      const timer = setTimeout(() => deadline.abort(new errors.HeadersTimeoutError()), options.timeoutMs);
      try {
        const answer = await agent.request({
          origin,
          path: `${prefix}${request.path}?${encode(request.query)}`,
          method: request.method,
          headers: request.headers,
          body: request.body ?? null,
          signal: deadline.signal,
        });
        const text = await answer.body.text();
        await ownTurn();
        return {
          status: answer.statusCode,
          text,
          date: single(answer.headers['date']),
          retryAfter: single(answer.headers['retry-after']),
        };
      } catch (error) {
        if (signal.aborted) throw signal.reason;
        throw unreachable(origin, error, options.timeoutMs);
      } finally {
        clearTimeout(timer);
        signal.removeEventListener('abort', stop);
      }
    },
    close: () => agent.destroy(),
  };
}

/** Percent-encoding throughout: `+ / =` of page tokens, and a space as %20, never as +. */
const encode = (query: Readonly<Record<string, string>>): string =>
  Object.entries(query)
    .map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`)
    .join('&');

const single = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value);

// No `cause`: errors of the HTTP library may carry the bytes of the request or of the answer.
function unreachable(origin: string, error: unknown, timeoutMs: number): Unreachable {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const tooSlow = /TIMEOUT|TIMEDOUT/.test(code);
  const tooLarge = code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE';
  const words = tooSlow
    ? `no whole answer within ${timeoutMs} ms`
    : tooLarge
      ? `the answer is larger than ${LARGEST_ANSWER / 2 ** 20} MiB`
      : `the connection failed${code === '' ? '' : ` (${code})`}`;
  return new Unreachable(`${origin}: ${words}`, tooSlow || tooLarge);
}
