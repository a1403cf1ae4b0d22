import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';

import { serverLimits } from '../../shared/framing.ts';
import { AppError } from '../errors.ts';
import { type Body, BodyReader } from './body.ts';
import type { Connection } from './dispatch.ts';
import { wireError } from './errors.ts';
import { framingError } from './faults.ts';
import {
  expectationFailed,
  failure,
  methodNotAllowed,
  notFound,
  plainHttp,
  type Reply,
  rpcReply,
  timedOut,
  unsupported,
} from './http-reply.ts';
import { type Incoming, readMessage } from './message.ts';
import { type ConnectionParts, endGently, type Peer, whenQuiet } from './peer.ts';
import { type Probe, probe, probes } from './probes.ts';
import { errorText, refusalText } from './reply-text.ts';

const noEvents = (): AppError =>
  new AppError('usage', 'invalid_request', 'events do not travel over HTTP', {
    hint: 'subscribe on the socket itself: write the same JSON to it without HTTP',
  });

/** Reads a body, at most as much of it as a message may have. `gone`: the peer left in its middle. */
const readBody = async (request: IncomingMessage): Promise<Body | 'too long' | 'gone'> => {
  const reader = new BodyReader();
  const read = Promise.withResolvers<Body | 'too long' | 'gone'>();
  let length = 0;
  request.on('data', (chunk: Uint8Array) => {
    length += chunk.length;
    if (length <= serverLimits.bytes) reader.push(chunk);
    else read.resolve('too long');
  });
  request.on('end', () => read.resolve(reader.finish()));
  request.on('error', () => read.resolve('gone')).on('close', () => read.resolve('gone'));
  return await read.promise;
};

/** One connection that speaks HTTP: any number of requests, one after the other or ahead of their answers. */
class HttpPeer implements Peer {
  readonly socket: Socket;
  readonly #parts: ConnectionParts;
  /** Requests whose head was read and whose answer is not out. */
  #open = 0;
  /** Requests whose body is not here yet. */
  #receiving = 0;
  /** Calls under way, each of a batch counted. */
  #inFlight = 0;
  /** Requests that came in one piece are begun one a turn, so that others are served between them. */
  #turn: Promise<unknown> = Promise.resolve();
  /** Bytes read when the last answer was out: whatever is above belongs to a request. */
  #readAtRest = 0;
  #isFinishing = false;

  constructor(socket: Socket, parts: ConnectionParts) {
    this.socket = socket;
    this.#parts = parts;
  }

  finish(): void {
    this.#isFinishing = true;
    whenQuiet(this.socket, () => this.#endIfDone());
  }

  /** Nothing came or went for a while. */
  idle(): void {
    if (this.#isInside) this.#endWith(timedOut);
    else if (this.#open === 0) endGently(this.socket, this.#parts.limits.lingerMs);
  }

  /** What came is no HTTP, or was cut off. */
  refuse(reply: Reply): void {
    if (this.socket.writable && (this.#open === 0 || this.#isInside)) this.#endWith(reply);
    else endGently(this.socket, this.#parts.limits.lingerMs);
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#open++;
    response.once('close', () => {
      this.#open--;
      this.#readAtRest = this.socket.bytesRead;
      if (this.#isFinishing) this.#endIfDone();
    });
    const reply = await this.#answer(request, response);
    if (reply !== undefined) this.#send(request, response, reply);
  }

  /** Whether a head or a body has begun that has not ended. */
  get #isInside(): boolean {
    return this.#receiving > 0 || (this.#open === 0 && this.socket.bytesRead > this.#readAtRest);
  }

  #endIfDone(): void {
    if (this.#isInside) this.#endWith(failure(503, this.#parts.refusal));
    else if (this.#open === 0) endGently(this.socket, this.#parts.limits.lingerMs);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<Reply | undefined> {
    const { method = '', headers } = request;
    const path = (request.url ?? '').replace(/[?#].*$/, '');
    const caller = this.#asCaller(response);
    if (this.#isFinishing && path !== '/rpc') return failure(503, this.#parts.refusal);
    const probed = probes.get(path);
    if (probed !== undefined) return await this.#probe(probed, method, caller);
    if (path !== '/rpc') return notFound;
    if (method !== 'POST') return methodNotAllowed('POST');
    if ((headers['content-encoding'] ?? 'identity') !== 'identity') return unsupported;
    const tooLarge = rpcReply(413, errorText(framingError({ fault: 'bytes', offset: 0 })));
    if (Number(headers['content-length'] ?? 0) > serverLimits.bytes) return tooLarge;
    if (headers.expect !== undefined && headers.expect.toLowerCase() !== '100-continue') return expectationFailed;
    if (headers.expect !== undefined) response.writeContinue();
    this.#receiving++;
    const body = await readBody(request);
    this.#receiving--;
    if (body === 'gone') return undefined;
    return body === 'too long' ? tooLarge : await this.#call(body, caller);
  }

  async #probe(probed: Probe, method: string, caller: Connection): Promise<Reply> {
    if (method !== 'GET' && method !== 'HEAD') return methodNotAllowed('GET, HEAD');
    return await probe(probed, (incoming) => this.#dispatch(incoming, caller));
  }

  async #call(body: Body, caller: Connection): Promise<Reply> {
    if (body.kind === 'error') return rpcReply(200, errorText(framingError(body)));
    const incoming = readMessage(body.text);
    if (this.#isFinishing) return rpcReply(503, refusalText(incoming, this.#parts.refusal) ?? '');
    const text = await this.#dispatch(incoming, caller);
    return text === undefined ? { status: 204, headers: {}, body: '' } : rpcReply(200, text);
  }

  async #dispatch(incoming: Incoming, caller: Connection): Promise<string | undefined> {
    const { inFlight } = this.#parts.limits;
    if (this.#inFlight >= inFlight) {
      const busy = wireError('busy', `${inFlight} calls are under way here`, { hint: 'await some', limit: inFlight });
      return refusalText(incoming, busy);
    }
    this.#inFlight += incoming.items.length;
    const turn = this.#turn;
    this.#turn = turn.then(() => nextTurn());
    await turn;
    const text = await this.#parts.dispatcher.answer(incoming, caller);
    this.#inFlight -= incoming.items.length;
    return text;
  }

  #asCaller(response: ServerResponse): Connection {
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    return { signal: gone.signal, subscribe: () => Promise.reject(noEvents()), unsubscribe: () => [] };
  }

  /** An answer that comes before the whole body has been sent is out at once, and what still comes is dropped. */
  #send(request: IncomingMessage, response: ServerResponse, { status, headers, body }: Reply): void {
    const isEarly = !request.complete;
    if (isEarly || this.#isFinishing) response.setHeader('Connection', 'close');
    const length = status === 204 ? {} : { 'Content-Length': Buffer.byteLength(body) };
    response.writeHead(status, { ...headers, ...length });
    if (!isEarly || request.headers.expect !== undefined) {
      response.end(body);
      return;
    }
    response.write(body);
    const timer = setTimeout(() => response.end(), this.#parts.limits.lingerMs);
    request.once('close', () => {
      clearTimeout(timer);
      response.end();
    });
    request.resume();
  }

  #endWith(reply: Reply): void {
    this.socket.write(plainHttp(reply));
    endGently(this.socket, this.#parts.limits.lingerMs);
  }
}

/** Serves HTTP on connections that others accepted: `POST /rpc`, `GET /health` and `GET /metrics`. */
export class HttpFront {
  readonly #parts: ConnectionParts;
  readonly #server: Server;
  readonly #peers = new WeakMap<object, HttpPeer>();

  constructor(parts: ConnectionParts) {
    this.#parts = parts;
    this.#server = createServer({ requireHostHeader: false, keepAliveTimeout: parts.limits.partialMs });
    // Node then answers a client that half-closes after its request, as `nc -N` does; its types leave that out.
    Object.assign(this.#server, { httpAllowHalfOpen: true });
    this.#server.setTimeout(parts.limits.partialMs, (socket) => this.#peers.get(socket)?.idle());
    const serve = (request: IncomingMessage, response: ServerResponse): void => {
      void this.#peers.get(request.socket)?.serve(request, response);
    };
    this.#server.on('request', serve).on('checkContinue', serve);
    // Without a listener Node answers by itself, behind the back of the peer's book-keeping.
    this.#server.on('checkExpectation', serve);
    this.#server.on('clientError', (error, socket) => {
      const isTooLong = 'code' in error && error.code === 'HPE_HEADER_OVERFLOW';
      const words = isTooLong ? 'the headers are too long' : 'not HTTP';
      this.#peers.get(socket)?.refuse(failure(isTooLong ? 431 : 400, wireError('invalid_request', words)));
    });
  }

  /** `held` is what was read of the socket already. */
  take(socket: Socket, held: Uint8Array): Peer {
    const peer = new HttpPeer(socket, this.#parts);
    this.#peers.set(socket, peer);
    socket.pause();
    socket.unshift(held);
    this.#server.emit('connection', socket);
    socket.resume();
    return peer;
  }
}
