import type { Socket } from 'node:net';

import { Framer, serverLimits } from '../../shared/framing.ts';
import { RpcConnection } from './connection.ts';
import { HttpFront } from './http.ts';
import { LspFramer } from './lsp.ts';
import { type ConnectionParts, endGently, type Peer, whenQuiet } from './peer.ts';
import { errorText } from './reply-text.ts';
import { skipBlanks, sniff, type Speech } from './sniff.ts';

/** A peer that has not shown yet what it speaks. It may stay silent for as long as it likes, unless it is refused. */
class NewPeer implements Peer {
  readonly #socket: Socket;
  readonly #parts: ConnectionParts;
  readonly #http: HttpFront;
  #held = Buffer.alloc(0);
  #peer: Peer | undefined;
  readonly #isRefused: boolean;
  #isFinishing: boolean;
  #partial: NodeJS.Timeout | undefined;

  /** `isRefused`: all that it asks for is answered by the refusal, in its own speech, and that is the end. */
  constructor(socket: Socket, parts: ConnectionParts, http: HttpFront, isRefused: boolean) {
    this.#socket = socket;
    this.#parts = parts;
    this.#http = http;
    this.#isRefused = isRefused;
    this.#isFinishing = isRefused;
    if (isRefused) this.#partial = setTimeout(() => this.#dismiss(), parts.limits.refusalMs);
    // A peer that went away without a word (EPIPE, ECONNRESET) is no failure of ours; 'close' follows.
    socket.on('error', () => {});
    socket.on('close', this.#onClose);
    socket.on('data', this.#onData);
    socket.on('end', this.#onEnd);
  }

  finish(): void {
    if (this.#peer !== undefined) {
      this.#peer.finish();
      return;
    }
    this.#isFinishing = true;
    whenQuiet(this.#socket, () => {
      if (this.#peer !== undefined) return;
      if (this.#held.length > 0) this.#become('json');
      else endGently(this.#socket, this.#parts.limits.lingerMs);
    });
  }

  readonly #onData = (chunk: Buffer): void => {
    // A byte order mark begins no other speech than JSON, and white space none at all.
    const from = this.#held.length === 0 ? skipBlanks(chunk) : 0;
    this.#held = Buffer.concat([this.#held, chunk.subarray(from)]);
    if (this.#held.length === 0) return;
    const speech = sniff(this.#held);
    if (speech !== undefined) {
      this.#become(speech);
      return;
    }
    if (this.#isRefused) return;
    clearTimeout(this.#partial);
    this.#partial = setTimeout(() => this.#become('json'), this.#parts.limits.partialMs);
  };

  readonly #onEnd = (): void => (this.#isRefused ? this.#dismiss() : this.#become('json'));

  readonly #onClose = (): void => clearTimeout(this.#partial);

  /** Refuses one that has said nothing, as it would be answered if it had ended in nothing. */
  #dismiss(): void {
    if (this.#held.length > 0) {
      this.#become('json');
      return;
    }
    this.#release();
    if (this.#socket.writable) this.#socket.write(`${errorText(this.#parts.refusal)}\n\n`);
    endGently(this.#socket, this.#parts.limits.lingerMs);
  }

  #release(): void {
    clearTimeout(this.#partial);
    this.#socket.off('data', this.#onData).off('end', this.#onEnd).off('close', this.#onClose);
  }

  #become(speech: Speech): void {
    this.#release();
    const socket = this.#socket;
    if (speech === 'http') this.#peer = this.#http.take(socket, this.#held);
    else {
      const framing = speech === 'lsp' ? new LspFramer() : new Framer(serverLimits);
      this.#peer = new RpcConnection(socket, this.#parts, framing, {
        bytes: this.#held,
        isFinishing: this.#isFinishing,
      });
    }
    this.#held = Buffer.alloc(0);
    if (this.#isFinishing) this.#peer.finish();
  }
}

/**
 * Gives what serves a connection, whichever of the three its peer speaks: told by the first bytes that it sends.
 * `isRefused`: nothing is served, each is told the refusal of `parts`.
 */
export const createAcceptor = (parts: ConnectionParts, { isRefused = false } = {}): ((socket: Socket) => Peer) => {
  const http = new HttpFront(parts);
  return (socket) => new NewPeer(socket, parts, http, isRefused);
};
