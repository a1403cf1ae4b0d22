import { shuttingDown } from '../sync/failures.ts';
import { answerInTurns } from './batch.ts';
import type { Connection, Dispatcher } from './dispatch.ts';
import { toWireError } from './errors.ts';
import type { Call, Incoming, Refusal } from './message.ts';
import { errorText } from './reply-text.ts';

/** A dispatcher that can be told that the daemon stops. Both may be called twice, in any order. */
export interface StoppableDispatcher extends Dispatcher {
  /** From here on calls of methods that change something are answered `shutting_down`. */
  refuseWork(): void;
  /** What is under way, and whatever comes later, is answered `shutting_down` at once. */
  abandon(): void;
}

/** The method that asks for the stop is itself answered whatever happens. */
const exempt = 'shutdown';

/**
 * No request stays without an answer because the daemon stops, and none waits for an API that hangs.
 * @param reads whether a method changes nothing.
 */
export const createStoppable = (dispatcher: Dispatcher, reads: (method: string) => boolean): StoppableDispatcher => {
  /** Answers what is under way; no promise that outlives a call, because each call would stay attached to it. */
  const giveUps = new Set<() => void>();
  let isWorkRefused = false;
  let isAbandoned = false;

  const refusal = ({ id }: Call): string | undefined =>
    id === undefined ? undefined : errorText(toWireError(shuttingDown()), id);

  const isRefused = ({ method }: Call): boolean =>
    method !== exempt && (isAbandoned || (isWorkRefused && !reads(method)));

  const answerItem = async (item: Call | Refusal, connection: Connection): Promise<string | undefined> => {
    const alone: Incoming = { isBatch: false, items: [item] };
    if (item.kind === 'refusal' || item.method === exempt) return dispatcher.answer(alone, connection);
    if (isRefused(item)) return refusal(item);
    return new Promise((resolve, reject) => {
      const giveUp = (): void => resolve(refusal(item));
      giveUps.add(giveUp);
      void dispatcher
        .answer(alone, connection)
        .then(resolve, reject)
        .finally(() => giveUps.delete(giveUp));
    });
  };

  return {
    answer: (incoming, connection) =>
      answerInTurns(incoming, connection.signal, (item) => answerItem(item, connection)),
    refuseWork() {
      isWorkRefused = true;
    },
    abandon() {
      isAbandoned = true;
      for (const giveUp of giveUps) giveUp();
    },
  };
};
