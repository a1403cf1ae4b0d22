import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

import { plain, type Reply } from './envelope.ts';
import { send } from './faults-wire.ts';

export interface IncomingCall {
  readonly method: string;
  readonly path: string;
  /** Decoded pairs in the order received. */
  readonly query: readonly (readonly [name: string, value: string])[];
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** An answer and how many milliseconds it is held back. */
export interface Timed {
  readonly reply: Reply;
  readonly delayMs: number;
}

const MAX_BODY = 1 << 20;
const KEEP_ALIVE_MS = 65_000;

/** Listens on loopback and answers by `answer`. The Date header follows `now`, unix seconds. */
export async function listen(
  port: number,
  answer: (call: IncomingCall) => Timed,
  now: () => number,
): Promise<{ readonly url: string; readonly close: () => Promise<void> }> {
  const stopping = new AbortController();
  const server = createServer((request, response) => {
    serve(request, response, answer, now, stopping.signal).catch((error: unknown) => {
      // A client that went away is its own business; everything else is a fault of the sandbox and must be seen.
      if (!request.destroyed && !stopping.signal.aborted) console.error('sandbox:', error);
      response.destroy();
    });
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  const url = await new Promise<string>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(urlOf(server)));
  });
  let closed: Promise<void> | undefined;
  return {
    url,
    close: () =>
      (closed ??= new Promise((resolve, reject) => {
        stopping.abort();
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      })),
  };
}

function urlOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the sandbox does not listen on a port');
  return `http://127.0.0.1:${address.port}`;
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  answer: (call: IncomingCall) => Timed,
  now: () => number,
  signal: AbortSignal,
): Promise<void> {
  const body = await read(request);
  const { reply, delayMs } =
    body === undefined ? { reply: plain(413, 'too large'), delayMs: 0 } : answer(toCall(request, body));
  if (delayMs > 0) await delay(delayMs, undefined, { signal });
  await send(response, reply, now(), signal);
}

function toCall(request: IncomingMessage, body: Buffer): IncomingCall {
  const target = request.url ?? '/';
  const mark = target.indexOf('?');
  return {
    method: request.method ?? 'GET',
    path: mark < 0 ? target : target.slice(0, mark),
    query: mark < 0 ? [] : [...new URLSearchParams(target.slice(mark + 1))],
    headers: request.headers,
    body,
  };
}

/** The whole body, or undefined when it is too large. */
async function read(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) throw new TypeError('the request stream must give bytes');
    size += chunk.length;
    if (size > MAX_BODY) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
