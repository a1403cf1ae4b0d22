import { setImmediate as nextTurn } from 'node:timers/promises';

import { type WireError, wireError } from './errors.ts';
import type { Call, Incoming, Refusal } from './message.ts';
import { errorText, joined } from './reply-text.ts';

/** Characters of answers to one batch after which no more of it is done. One answer alone may have any length. */
const maxBatchAnswer = 16 * 1024 * 1024;

const tooMuch = (limit: number): WireError =>
  wireError('limit', 'the answers to this batch are too long together', { hint: 'ask for less in one batch', limit });

/** Gives the answer to one item as JSON text; none to a notification. */
type AnswerItem = (item: Call | Refusal) => Promise<string | undefined>;

/**
 * Answers a message, of a batch each item, in the order of the items. They are begun one a turn of the event loop, so
 * that whoever else calls is served between them, and none waits for the end of another. Once the answers have more
 * than `limit` characters, calls that are not begun yet are answered `limit`, and nothing of them is done. Nor is
 * anything once the caller is gone, by `signal`: nobody would end what it began for a connection that is closed.
 */
export const answerInTurns = async (
  { isBatch, items }: Incoming,
  signal: AbortSignal,
  answerItem: AnswerItem,
  limit: number = maxBatchAnswer,
): Promise<string | undefined> => {
  let length = 0;
  const begin = async (item: Call | Refusal): Promise<string | undefined> => {
    const isRefused = length > limit && item.kind === 'call' && item.id !== undefined;
    const text = isRefused ? errorText(tooMuch(limit), item.id) : await answerItem(item);
    length += text?.length ?? 0;
    return text;
  };
  const begun: Promise<string | undefined>[] = [];
  for (const item of items) {
    if (begun.length > 0) await nextTurn();
    if (signal.aborted) break;
    begun.push(begin(item));
  }
  return joined(isBatch, await Promise.all(begun));
};
