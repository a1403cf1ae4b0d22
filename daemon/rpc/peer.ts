import type { Socket } from 'node:net';

import type { Dispatcher } from './dispatch.ts';
import type { WireError } from './errors.ts';
import type { SubscriptionSource } from './subscriptions.ts';

/** Bounds of one connection. Times in milliseconds. */
export interface ConnectionLimits {
  /** Requests under way or whose answers the reader does not take, each of a batch counted; above it nothing more is read. */
  readonly inFlight: number;
  /** Bytes of events that the reader does not take, above which a subscriber is cut off. */
  readonly outputBytes: number;
  /** Faults in a row after which the peer is taken for something that does not speak JSON. */
  readonly faults: number;
  /** Messages taken up before other connections get their turn. What one asks of the database is not interrupted. */
  readonly perTurn: number;
  /** How long half a message may stand without another byte. */
  readonly partialMs: number;
  /** How long the peer may take for its own end once all of ours has left. */
  readonly lingerMs: number;
  /** How long one connection too many may take to show what it speaks, before it is refused in JSON. */
  readonly refusalMs: number;
  /** How long a subscriber that was cut off may take to read the event that says so. */
  readonly overflowMs: number;
}

export const connectionLimits: ConnectionLimits = {
  inFlight: 32,
  outputBytes: 1024 * 1024,
  faults: 10,
  perTurn: 1,
  partialMs: 10_000,
  lingerMs: 1000,
  refusalMs: 1000,
  overflowMs: 300_000,
};

export interface ConnectionParts {
  readonly dispatcher: Dispatcher;
  readonly subscriptions: SubscriptionSource;
  readonly limits: ConnectionLimits;
  /** What is answered to all that comes once nothing is done any more. */
  readonly refusal: WireError;
}

/** The other end of a connection, whatever it speaks. */
export interface Peer {
  /**
   * The daemon stops: tells subscribers, answers the refusal to what is not read yet, and ends the connection when
   * the requests under way are answered.
   */
  finish(): void;
}

/**
 * Ends our side; what still comes is read and dropped, because unread bytes would turn the peer's EOF into a reset.
 * A peer that takes its time to read the answers gets them whole: it is dropped `lingerMs` after the last byte has left.
 */
export const endGently = (socket: Socket, lingerMs: number): void => {
  socket.resume();
  socket.end(() => {
    const timer = setTimeout(() => socket.destroy(), lingerMs);
    socket.once('close', () => clearTimeout(timer));
  });
};

/** Calls `done` when two turns of the event loop in a row brought no byte: nothing is left unread, in the kernel either. */
export const whenQuiet = (socket: Socket, done: () => void): void => {
  const look = (bytesRead: number, turns: number): void => {
    setImmediate(() => {
      if (socket.destroyed) return;
      if (socket.bytesRead !== bytesRead) look(socket.bytesRead, 0);
      else if (turns === 1) done();
      else look(bytesRead, turns + 1);
    });
  };
  look(socket.bytesRead, 0);
};
