import { asciiJson } from '../../shared/ascii.ts';
import type { Incoming } from './message.ts';

/** The JSON text of a reply; `id` and `json` are JSON text. */
export const replyText = (id: string, member: 'result' | 'error', json: string): string =>
  `{"jsonrpc":"2.0","${member}":${json},"id":${id}}`;

/** The JSON text of an error reply. `id` is JSON text. */
export const errorText = (error: object, id = 'null'): string => replyText(id, 'error', asciiJson(error));

/** Answers to the items of a message as one text; undefined where there is none, as for notifications. */
export const joined = (isBatch: boolean, answers: readonly (string | undefined)[]): string | undefined => {
  const texts = answers.filter((text) => text !== undefined);
  if (texts.length === 0) return undefined;
  return isBatch ? `[${texts.join(',')}]` : texts[0];
};

/** The answer to a message of which nothing is done. */
export const refusalText = ({ isBatch, items }: Incoming, error: object): string | undefined =>
  joined(
    isBatch,
    items.map((item) =>
      item.kind === 'refusal'
        ? errorText(item.error, item.id)
        : item.id === undefined
          ? undefined
          : errorText(error, item.id),
    ),
  );
