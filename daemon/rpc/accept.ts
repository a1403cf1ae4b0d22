import type { Socket } from 'node:net';

import { Framer, serverLimits } from '../../shared/framing.ts';
import { RpcConnection } from './connection.ts';
import { HttpFront } from './http.ts';
import { LspFramer } from './lsp.ts';
import { type ConnectionParts, endGently, type Peer, whenQuiet } from './peer.ts';
import { skipBlanks, sniff, type Speech } from './sniff.ts';

/** A peer that has not shown yet what it speaks. It may stay silent for as long as it likes. */
class NewPeer implements Peer {
  readonly #socket: Socket;
  readonly #parts: ConnectionParts;
  readonly #http: HttpFront;
  #held = Buffer.alloc(0);
  #peer: Peer | undefined;
  #isFinishing = false;
  #partial: NodeJS.Timeout | undefined;

  constructor(socket: Socket, parts: ConnectionParts, http: HttpFront) {
    this.#socket = socket;
    this.#parts = parts;
    this.#http = http;
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
    clearTimeout(this.#partial);
    this.#partial = setTimeout(() => this.#become('json'), this.#parts.limits.partialMs);
  };

  readonly #onEnd = (): void => this.#become('json');

  readonly #onClose = (): void => clearTimeout(this.#partial);

  #become(speech: Speech): void {
    clearTimeout(this.#partial);
    const socket = this.#socket;
    socket.off('data', this.#onData).off('end', this.#onEnd).off('close', this.#onClose);
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

/** Gives what serves a connection, whichever of the three its peer speaks: told by the first bytes that it sends. */
export const createAcceptor = (parts: ConnectionParts): ((socket: Socket) => Peer) => {
  const http = new HttpFront(parts);
  return (socket) => new NewPeer(socket, parts, http);
};
