import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { Ending, type Envelope, type Message } from '../../shared/framing.ts';
import type { Connection, Dispatcher } from './dispatch.ts';
import type { WireError } from './errors.ts';
import { framingError, isFatal } from './faults.ts';
import type { Fault, Framed, Framing } from './framing.ts';
import { readMessage } from './message.ts';
import { type ConnectionLimits, type ConnectionParts, endGently, type Peer, whenQuiet } from './peer.ts';
import { errorText, refusalText } from './reply-text.ts';
import { Subscriber } from './subscriptions.ts';

/** How long the end of a line may be on its way behind the line, milliseconds. */
const lineEndMs = 2;

/** One peer that speaks JSON-RPC: bytes in, answers out in the order in which they are ready, events once subscribed. */
export class RpcConnection implements Peer {
  readonly #socket: Socket;
  readonly #dispatcher: Dispatcher;
  readonly #limits: ConnectionLimits;
  readonly #framing: Framing;
  readonly #refusal: WireError;
  readonly #subscriber: Subscriber;
  readonly #gone = new AbortController();
  #eventEnvelope: Envelope = new Ending();
  #drained = Promise.withResolvers<void>();
  #inFlight = 0;
  #faults = 0;
  #turn = 0;
  #lingerMs: number;
  /** Everything that arrived has been taken up. */
  #isCaughtUp = false;
  /** The daemon stops. */
  #isFinishing: boolean;
  /** Nothing more is read. */
  #isLast = false;
  #isEnded = false;
  #hasFin: boolean;
  #partial: NodeJS.Timeout | undefined;
  #overflow: NodeJS.Timeout | undefined;

  /**
   * @param read what was read of the socket already; its end may have been, too. `isFinishing`: the daemon stops, and
   * nothing in it is done any more.
   */
  constructor(
    socket: Socket,
    parts: ConnectionParts,
    framing: Framing,
    read: { readonly bytes: Uint8Array; readonly isFinishing: boolean },
  ) {
    this.#socket = socket;
    this.#dispatcher = parts.dispatcher;
    this.#limits = parts.limits;
    this.#lingerMs = parts.limits.lingerMs;
    this.#framing = framing;
    this.#refusal = parts.refusal;
    const outlet = {
      send: (event: string) => this.#sendEvent(event),
      cutOff: () => this.#cutOff(),
      get isBackedUp() {
        return socket.writableNeedDrain;
      },
    };
    this.#subscriber = new Subscriber(parts.subscriptions, outlet, parts.limits.outputBytes);
    this.#hasFin = socket.readableEnded;
    this.#isFinishing = read.isFinishing;
    socket.on('data', (chunk: Uint8Array) => this.#onData(chunk));
    socket.on('end', () => this.#onEnd());
    socket.on('drain', () => this.#onDrain());
    socket.on('close', () => this.#onClose());
    this.#onData(read.bytes);
  }

  finish(): void {
    this.#isFinishing = true;
    if (this.#overflow !== undefined) this.#dropAfter(this.#limits.lingerMs);
    this.#subscriber.shutDown();
    this.#work();
    this.#endIfDone();
  }

  #stopReading(): void {
    this.#isLast = true;
    this.#work();
    this.#endIfDone();
  }

  #onData(chunk: Uint8Array): void {
    if (this.#isEnded) return;
    this.#framing.push(chunk);
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
    if (!this.#isEnded) this.#work();
  }

  #onClose(): void {
    this.#isLast = true;
    this.#isEnded = true;
    clearTimeout(this.#partial);
    clearTimeout(this.#overflow);
    this.#subscriber.unsubscribe();
    this.#drained.resolve();
    this.#gone.abort();
  }

  /** Handles what has arrived for as long as the bounds allow, and reads on only then. */
  #work(): void {
    clearTimeout(this.#partial);
    this.#isCaughtUp = false;
    while (!this.#isLast && this.#inFlight < this.#limits.inFlight && !this.#socket.writableNeedDrain) {
      if (this.#turn === this.#limits.perTurn) break;
      const framed = this.#framing.next() ?? (this.#hasFin ? this.#framing.finish() : undefined);
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
    this.#isCaughtUp = true;
    if (this.#hasFin) this.#isLast = true;
    else {
      this.#socket.resume();
      if (this.#framing.inside) this.#partial = setTimeout(() => this.#giveUpPart(), this.#limits.partialMs);
    }
    this.#endIfDone();
  }

  #giveUpPart(): void {
    const fault = this.#framing.finish();
    if (fault !== undefined) this.#take(fault);
    this.#stopReading();
  }

  #take(framed: Framed): void {
    if (framed.kind === 'error') this.#refuse(framed);
    else void this.#answer(framed);
  }

  #refuse(fault: Fault): void {
    this.#inFlight++;
    this.#countFault();
    if (isFatal(fault.fault)) this.#stopReading();
    void this.#reply(fault.ending, errorText(framingError(fault)), 1);
  }

  #countFault(): void {
    if (++this.#faults >= this.#limits.faults) this.#stopReading();
  }

  async #answer(message: Message<Envelope>): Promise<void> {
    const incoming = readMessage(message.text);
    if (/^[[{]/.test(message.text)) this.#faults = 0;
    else this.#countFault();
    this.#inFlight += incoming.items.length;
    const starts: (() => void)[] = [];
    const text = this.#isFinishing
      ? refusalText(incoming, this.#refusal)
      : await this.#dispatcher.answer(incoming, this.#asCaller(starts, message.ending));
    await this.#reply(message.ending, text, incoming.items.length, starts);
  }

  /** Writes an answer, if there is one, to `count` requests. */
  async #reply(
    envelope: Envelope,
    text: string | undefined,
    count: number,
    starts: (() => void)[] = [],
  ): Promise<void> {
    // Many a client writes its line and the end of it one after the other.
    if (text !== undefined && !envelope.isKnown && !this.#hasFin && !this.#isLast) await sleep(lineEndMs);
    while (this.#socket.writableNeedDrain && !this.#socket.destroyed) await this.#drained.promise;
    if (text !== undefined && this.#socket.writable) this.#socket.write(envelope.wrap(text));
    for (const start of starts) start();
    this.#inFlight -= count;
    this.#work();
    this.#endIfDone();
  }

  /** What handlers see of this connection while they answer one message: subscriptions begin only after the reply. */
  #asCaller(starts: (() => void)[], envelope: Envelope): Connection {
    return {
      signal: this.#gone.signal,
      subscribe: async (topics, after) => {
        const { seq, start } = await this.#subscriber.subscribe(topics, after);
        this.#eventEnvelope = envelope;
        starts.push(start);
        return seq;
      },
      unsubscribe: (topics) => this.#subscriber.unsubscribe(topics),
    };
  }

  #sendEvent(event: string): void {
    if (!this.#socket.writable) return;
    this.#socket.write(this.#eventEnvelope.wrap(`{"jsonrpc":"2.0","method":"event","params":${event}}`));
  }

  /** A reader that is stopped gets time to read why, and costs no more than what its socket holds. */
  #cutOff(): void {
    this.#lingerMs = this.#limits.overflowMs;
    this.#dropAfter(this.#limits.overflowMs);
    this.#stopReading();
  }

  #dropAfter(ms: number): void {
    clearTimeout(this.#overflow);
    this.#overflow = setTimeout(() => this.#socket.destroy(), ms);
  }

  #endIfDone(): void {
    if (this.#inFlight > 0 || this.#isEnded) return;
    if (this.#isLast) this.#end();
    else if (this.#isFinishing && this.#isCaughtUp)
      whenQuiet(this.#socket, () => {
        if (this.#isCaughtUp && this.#inFlight === 0) this.#end();
      });
  }

  #end(): void {
    if (this.#isEnded) return;
    const cut = this.#isFinishing ? this.#framing.finish() : undefined;
    if (cut !== undefined) this.#socket.write(cut.ending.wrap(errorText(this.#refusal)));
    this.#isEnded = true;
    clearTimeout(this.#partial);
    this.#subscriber.unsubscribe();
    endGently(this.#socket, this.#lingerMs);
  }
}
