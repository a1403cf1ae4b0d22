import type { Socket } from 'node:net';

import { createJSONRPCNotification } from 'json-rpc-2.0';

import { asciiJson } from '../../shared/ascii.ts';
import { Ending, type Framed, type FramingError, Framer, type Message, serverLimits } from '../../shared/framing.ts';
import type { Connection, Dispatcher } from './dispatch.ts';
import { errorText } from './dispatch.ts';
import { framingError } from './faults.ts';
import { readMessage } from './message.ts';
import { Subscriber, type SubscriptionSource } from './subscriptions.ts';

/** Bounds of one connection. Times in milliseconds. */
export interface ConnectionLimits {
  /** Requests under way or whose answers the reader does not take, each of a batch counted; above it nothing more is read. */
  readonly inFlight: number;
  /** Bytes written but not taken by the reader, above which a subscriber is cut off. */
  readonly outputBytes: number;
  /** Faults in a row after which the peer is taken for something that does not speak JSON. */
  readonly faults: number;
  /** Messages handled before other connections get their turn. */
  readonly perTurn: number;
  /** How long half a message may stand without another byte. */
  readonly partialMs: number;
  /** How long after our end the peer may take for its own. */
  readonly lingerMs: number;
}

export const connectionLimits: ConnectionLimits = {
  inFlight: 32,
  outputBytes: 1024 * 1024,
  faults: 10,
  perTurn: 100,
  partialMs: 10_000,
  lingerMs: 1000,
};

/** Ends our side; what still comes is read and dropped, because unread bytes would turn the peer's EOF into a reset. */
export const endGently = (socket: Socket, lingerMs: number): void => {
  socket.end();
  socket.resume();
  const timer = setTimeout(() => socket.destroy(), lingerMs);
  socket.once('close', () => clearTimeout(timer));
};

/** One peer on the control socket: bytes in, answers out in the order in which they are ready, events once subscribed. */
export class RpcConnection {
  readonly #socket: Socket;
  readonly #dispatcher: Dispatcher;
  readonly #limits: ConnectionLimits;
  readonly #framer = new Framer(serverLimits);
  readonly #subscriber: Subscriber;
  readonly #gone = new AbortController();
  #eventEnding = new Ending();
  #drained = Promise.withResolvers<void>();
  #inFlight = 0;
  #faults = 0;
  #turn = 0;
  #isLast = false;
  #isEnded = false;
  #hasFin = false;
  #partial: NodeJS.Timeout | undefined;

  constructor(socket: Socket, dispatcher: Dispatcher, source: SubscriptionSource, limits: ConnectionLimits) {
    this.#socket = socket;
    this.#dispatcher = dispatcher;
    this.#limits = limits;
    this.#subscriber = new Subscriber(source, {
      send: (event) => this.#sendEvent(event),
      cutOff: () => this.cutOff(),
      get isBackedUp() {
        return socket.writableNeedDrain;
      },
    });
    socket.on('data', (chunk: Uint8Array) => this.#onData(chunk));
    socket.on('end', () => this.#onEnd());
    socket.on('drain', () => this.#onDrain());
    // A peer that went away without a word (EPIPE, ECONNRESET) is no failure of ours; 'close' follows.
    socket.on('error', () => {});
    socket.on('close', () => this.#onClose());
  }

  /** Takes no more requests and no longer sends events; ends when the requests under way are answered. */
  finish(): void {
    this.#isLast = true;
    this.#subscriber.unsubscribe();
    this.#work();
    this.#endIfDone();
  }

  /** Drops the peer at once. */
  cutOff(): void {
    this.#socket.destroy();
  }

  #onData(chunk: Uint8Array): void {
    if (this.#isEnded) return;
    this.#framer.push(chunk);
    this.#work();
  }

  #onEnd(): void {
    this.#hasFin = true;
    this.#work();
  }

  #onDrain(): void {
    this.#drained.resolve();
    this.#drained = Promise.withResolvers();
    this.#subscriber.drained();
  }

  #onClose(): void {
    this.#isLast = true;
    clearTimeout(this.#partial);
    this.#subscriber.unsubscribe();
    this.#drained.resolve();
    this.#gone.abort();
  }

  /** Handles what has arrived for as long as the bounds allow, and reads on only then. */
  #work(): void {
    clearTimeout(this.#partial);
    while (!this.#isLast && this.#inFlight < this.#limits.inFlight) {
      if (this.#turn === this.#limits.perTurn) break;
      const framed = this.#framer.next() ?? (this.#hasFin ? this.#framer.finish() : undefined);
      if (framed === undefined) {
        this.#awaitBytes();
        return;
      }
      if (this.#turn++ === 0) setImmediate(() => this.#newTurn());
      this.#take(framed);
    }
    if (!this.#isEnded) this.#socket.pause();
  }

  #newTurn(): void {
    this.#turn = 0;
    this.#work();
  }

  #awaitBytes(): void {
    if (this.#hasFin) {
      this.#isLast = true;
      this.#endIfDone();
      return;
    }
    this.#socket.resume();
    if (!this.#framer.inside) return;
    this.#partial = setTimeout(() => {
      const fault = this.#framer.finish();
      if (fault !== undefined) this.#take(fault);
      this.finish();
    }, this.#limits.partialMs);
  }

  #take(framed: Framed): void {
    if (framed.kind === 'error') this.#refuse(framed);
    else void this.#answer(framed);
  }

  #refuse(fault: FramingError): void {
    this.#socket.write(errorText(framingError(fault)) + fault.ending.text);
    this.#countFault();
    if (fault.fault === 'bytes') this.finish();
  }

  #countFault(): void {
    if (++this.#faults >= this.#limits.faults) this.finish();
  }

  async #answer(message: Message): Promise<void> {
    const incoming = readMessage(message.text);
    if (/^[[{]/.test(message.text)) this.#faults = 0;
    else this.#countFault();
    this.#inFlight += incoming.items.length;
    const starts: (() => void)[] = [];
    const text = await this.#dispatcher.answer(incoming, this.#asCaller(starts, message.ending));
    while (this.#socket.writableNeedDrain && !this.#socket.destroyed) await this.#drained.promise;
    if (text !== undefined && this.#socket.writable) this.#socket.write(text + message.ending.text);
    for (const start of starts) start();
    this.#inFlight -= incoming.items.length;
    this.#work();
    this.#endIfDone();
  }

  /** What handlers see of this connection while they answer one message: subscriptions begin only after the reply. */
  #asCaller(starts: (() => void)[], ending: Ending): Connection {
    return {
      signal: this.#gone.signal,
      subscribe: async (topics) => {
        const { seq, start } = await this.#subscriber.subscribe(topics);
        this.#eventEnding = ending;
        starts.push(start);
        return seq;
      },
      unsubscribe: (topics) => this.#subscriber.unsubscribe(topics),
    };
  }

  #sendEvent(event: object): void {
    if (!this.#socket.writable) return;
    if (this.#socket.writableLength > this.#limits.outputBytes) {
      this.cutOff();
      return;
    }
    this.#socket.write(asciiJson(createJSONRPCNotification('event', event)) + this.#eventEnding.text);
  }

  #endIfDone(): void {
    if (!this.#isLast || this.#inFlight > 0 || this.#isEnded) return;
    this.#isEnded = true;
    clearTimeout(this.#partial);
    this.#subscriber.unsubscribe();
    endGently(this.#socket, this.#limits.lingerMs);
  }
}
