import type { Envelope, FramingError, Message } from '../../shared/framing.ts';
import type { LspFault } from './lsp.ts';

export type Fault = FramingError<Envelope, LspFault>;
export type Framed = Message<Envelope> | Fault;

/** What cuts the peer's bytes into messages. */
export interface Framing {
  readonly inside: boolean;
  push(bytes: Uint8Array): void;
  next(): Framed | undefined;
  finish(): Framed | undefined;
}
