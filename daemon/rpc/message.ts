import { asciiJson } from '../../shared/ascii.ts';
import { type WireError, wireError } from './errors.ts';

/** A call to be answered, or a notification: then `id` is undefined. */
export interface Call {
  readonly kind: 'call';
  readonly method: string;
  readonly params: object | undefined;
  /** JSON text of the id: a number's exactly as it was sent, a string's in ASCII. */
  readonly id: string | undefined;
}

/** Something that is no request and is answered with an error. */
export interface Refusal {
  readonly kind: 'refusal';
  readonly id: string;
  readonly error: WireError;
}

export interface Incoming {
  /** Whether the replies go out in an array. */
  readonly isBatch: boolean;
  readonly items: readonly (Call | Refusal)[];
}

export const maxBatchItems = 100;

const refusal = (hint: string, id = 'null', limit?: number): Refusal => ({
  kind: 'refusal',
  id,
  error: wireError('invalid_request', 'Invalid Request', limit === undefined ? { hint } : { hint, limit }),
});

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

type IdTexts = ReadonlyMap<unknown, string>;

/** Source texts of the numeric ids, by the object that has them: 1.0 and 9007199254740993 must come back as they came. */
const numericIds = (text: string): { readonly value: unknown; readonly texts: IdTexts } => {
  const texts = new Map<unknown, string>();
  const value: unknown = JSON.parse(
    text,
    function keepId(this: unknown, key, member: unknown, context?: { source?: string }) {
      if (key === 'id' && typeof member === 'number') texts.set(this, context?.source ?? String(member));
      return member;
    },
  );
  return { value, texts };
};

const hasNumericId = (item: unknown): boolean => isObject(item) && typeof item['id'] === 'number';

const readItem = (item: unknown, texts: IdTexts): Call | Refusal => {
  if (!isObject(item)) return refusal('a request is an object');
  const { id, method, params } = item;
  const idText = id === undefined ? undefined : (texts.get(item) ?? asciiJson(id));
  if (typeof id === 'object' ? id !== null : typeof id === 'boolean')
    return refusal('id must be a string, a number or null');
  if (item['jsonrpc'] !== '2.0') return refusal('jsonrpc must be "2.0"', idText);
  if (typeof method !== 'string') return refusal('method must be a string', idText);
  if (params !== undefined && typeof params !== 'object')
    return refusal('params must be an object or an array', idText);
  return { kind: 'call', method, params: params ?? undefined, id: idText };
};

/**
 * Makes requests of a message's text, which must be JSON. What is wrong with it becomes a refusal, never an exception.
 * `params: null` counts as no params: several clients send it for a call without any.
 */
export const readMessage = (text: string): Incoming => {
  const parsed: unknown = JSON.parse(text);
  const candidates: readonly unknown[] = Array.isArray(parsed) ? parsed : [parsed];
  if (candidates.length === 0) return { isBatch: false, items: [refusal('a batch holds at least one request')] };
  if (candidates.length > maxBatchItems) {
    const hint = `a batch holds at most ${maxBatchItems} requests`;
    return { isBatch: false, items: [refusal(hint, 'null', maxBatchItems)] };
  }
  const { value, texts } = candidates.some(hasNumericId) ? numericIds(text) : { value: parsed, texts: new Map() };
  return Array.isArray(value)
    ? { isBatch: true, items: value.map((item) => readItem(item, texts)) }
    : { isBatch: false, items: [readItem(value, texts)] };
};
