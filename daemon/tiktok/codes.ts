import type { RpcErrorCode } from '../../shared/rpc-errors.ts';
import type { FailureClass } from '../errors.ts';

/**
 * What is done about an answer that is no success. The client does the first five by itself; the others end the call
 * and tell the caller, in `ApiError.reaction`, what may help.
 */
export type Reaction =
  | 'retry'
  | 'throttle'
  | 'refresh-token'
  | 'resync-clock'
  | 'reread-shops'
  | 'stop'
  | 'pause-shop'
  | 'split-window'
  | 'restart-window'
  | 'fall-back-version'
  | 'skip';

/** What one kind of failure means. */
export interface Row {
  readonly class: FailureClass;
  readonly reaction: Reaction;
  /** What happened, in words for a person. */
  readonly words: string;
  /** What a person should do next. */
  readonly hint?: string;
  /** The word for clients, where the class does not tell it. */
  readonly rpc?: RpcErrorCode;
  /** Attempts in all, where it is not the usual number of the class. */
  readonly attempts?: number;
  /** A quota that opens again at a fixed moment. */
  readonly wait?: 'next-hour' | 'next-day';
}

const AUTHORIZE = 'authorize again: shopsync auth url';
const CREDENTIALS = 'check api.app_key and app_secret against the app in Partner Center';
const BUG = 'shopsync sent what the API does not accept; please report it with the code';

const internal: Row = { class: 'transient', reaction: 'retry', words: 'TikTok had an internal error' };
const crowded: Row = { class: 'throttled', reaction: 'throttle', words: 'too many requests' };
const consent: Row = { class: 'token', reaction: 'stop', words: 'the authorization is gone', hint: AUTHORIZE };
const parameter: Row = { class: 'configuration', reaction: 'stop', words: 'a parameter is not accepted', hint: BUG };
const malformed: Row = { class: 'configuration', reaction: 'stop', words: 'the request is malformed', hint: BUG };
const version: Row = {
  class: 'configuration',
  reaction: 'fall-back-version',
  words: 'this version of the endpoint does not exist',
  hint: BUG,
};
const inactive: Row = {
  class: 'configuration',
  reaction: 'pause-shop',
  words: 'the shop or its seller is not active',
  hint: 'look at the shop in Seller Center; it is tried again daily',
};
const forbidden: Row = {
  class: 'configuration',
  reaction: 'stop',
  words: 'no permission for this resource',
  hint: 'give the app the permission in Partner Center, then authorize again: shopsync auth url',
  rpc: 'not_authorized',
};
const gone: Row = { class: 'record', reaction: 'skip', words: 'the object does not exist' };

/** TikTok's error codes. Success is 0 and nothing else; the HTTP status does not tell. */
export const codeRows: ReadonlyArray<Row & { readonly codes: readonly number[] }> = [
  { codes: [36009002, 12052109], ...crowded },
  { codes: [36009037], ...crowded, words: 'the hourly quota of a development shop is used up', wait: 'next-hour' },
  { codes: [45101004], ...crowded, words: 'the daily quota of this resource is used up', wait: 'next-day' },
  { codes: [36009003], ...internal },
  { codes: [36009007], ...internal, words: 'TikTok timed out inside' },
  { codes: [66007001, 20001], ...internal, words: 'a call inside TikTok failed' },
  { codes: [12001000, 33001002, 12052881], ...internal },
  { codes: [10002014, 10002015, 10037002, 10037003, 10037004], ...internal, words: 'TikTok could not read the order' },
  // Documented as "permission denied" in 2025 and as "internal error" in 2026: a few attempts decide.
  { codes: [10006402], ...internal, words: 'TikTok could not read the order, or does not permit it', attempts: 3 },
  { codes: [105002], class: 'token', reaction: 'refresh-token', words: 'the access token expired', hint: AUTHORIZE },
  {
    codes: [105001],
    class: 'token',
    reaction: 'refresh-token',
    words: 'the access token is not valid, or the seller revoked the authorization',
    hint: AUTHORIZE,
  },
  {
    codes: [101000],
    class: 'configuration',
    reaction: 'reread-shops',
    words: 'the token does not belong to this shop',
    hint: AUTHORIZE,
    rpc: 'not_authorized',
  },
  { codes: [36004001], ...consent, words: 'the refresh token expired' },
  { codes: [36004004], ...consent, words: 'the authorization code is not valid' },
  { codes: [36004005], ...consent, words: 'TikTok does not know the refresh token' },
  { codes: [105005], ...forbidden, words: 'the app or the token lacks the scope for this' },
  { codes: [66009315, 25020005, 12009014, 12019114], ...forbidden },
  { codes: [106001], class: 'configuration', reaction: 'stop', words: 'the signature is wrong', hint: CREDENTIALS },
  { codes: [106013], ...malformed, reaction: 'reread-shops', words: 'shop_cipher is missing' },
  { codes: [36009009], ...version, words: 'the path is unknown' },
  { codes: [36009010], ...malformed, words: 'wrong HTTP method' },
  { codes: [36009014], ...version },
  { codes: [36009021, 36009022, 36009023], ...malformed },
  {
    codes: [36009033],
    class: 'configuration',
    reaction: 'stop',
    words: 'this machine’s address is not on the app’s IP allow list',
    hint: 'add the address in Partner Center',
  },
  { codes: [36009043, 36009044, 12052700, 12052704], ...inactive },
  { codes: [98001004, 25001001, 12052910], ...parameter },
  { codes: [12019108, 12019109, 12019118, 12019119, 12019027, 12019087], ...parameter },
  { codes: [12052180], ...parameter, reaction: 'split-window', words: 'more than 10,000 products match' },
  { codes: [28001022], ...parameter, reaction: 'split-window', words: 'the range of dates is not valid or too long' },
  { codes: [28001007, 12019150, 12052032], ...gone },
  { codes: [21008111], ...gone, words: 'the order belongs to another seller' },
];

/** The code that says everything: what it means stands only in its message. The first pattern that fits decides. */
export const OVERLOADED = 36009004;

export const messageRows: ReadonlyArray<Row & { readonly pattern: RegExp }> = [
  {
    pattern: /\btimestamp\b/i,
    class: 'configuration',
    reaction: 'resync-clock',
    words: 'the time of the request is not accepted',
    hint: 'set this machine’s clock (NTP)',
  },
  {
    pattern: /x-tts-access-token|access[_ ]token/i,
    class: 'token',
    reaction: 'refresh-token',
    words: 'the access token is not accepted',
    hint: AUTHORIZE,
  },
  {
    pattern: /app[_ ]?key/i,
    class: 'configuration',
    reaction: 'stop',
    words: 'the app key is not accepted',
    hint: CREDENTIALS,
  },
  { pattern: /shop_cipher|category_asset_cipher|unexpected identifier/i, ...malformed, words: 'wrong identifier sent' },
  { pattern: /shop[_ ]?id/i, ...malformed, reaction: 'reread-shops', words: 'the shop id is not accepted' },
  { pattern: /page[_ ]?token/i, ...parameter, class: 'transient', reaction: 'restart-window' },
  { pattern: /\bsign\b|\bsignature\b/i, ...malformed, words: 'the signature is missing', hint: CREDENTIALS },
  { pattern: /\bversion\b/i, ...version },
  { pattern: /required|missing/i, ...malformed, words: 'a field is missing' },
  {
    pattern: /\bdate\b|\btime\b|_(?:ge|le|lt)\b|\brange\b/i,
    ...parameter,
    reaction: 'split-window',
    words: 'the range of time is not accepted',
  },
  { pattern: /(?:)/, ...parameter },
];

/** While a page token is in use these mean that the token went bad; no code of its own is documented. */
export const badPageToken = new Set([OVERLOADED, 98001004, 25001001, 12019108]);

/** Answers that carry no code of ours: by HTTP status, first range that fits. */
export const httpRows: ReadonlyArray<Row & { readonly from: number; readonly to: number; readonly pattern?: RegExp }> =
  [
    { from: 429, to: 429, ...crowded },
    { from: 503, to: 503, ...internal, words: 'TikTok is overloaded' },
    { from: 500, to: 599, ...internal, words: 'the server failed' },
    { from: 408, to: 408, ...internal, words: 'the server gave up waiting' },
    {
      from: 403,
      to: 403,
      pattern: /no schema found/i,
      ...forbidden,
      words: 'the token is of the wrong kind, or its scope is not active',
    },
    { from: 200, to: 299, ...internal, words: 'the answer is not a whole JSON envelope' },
    {
      from: 0,
      to: 999,
      class: 'configuration',
      reaction: 'stop',
      words: 'the answer did not come from the API',
      hint: 'check api.base_url and any proxy in between',
    },
  ];

/** A code nobody has written down: it may pass, so it is tried a few times, and then named. */
export const unknownRow: Row = {
  class: 'transient',
  reaction: 'retry',
  words: 'TikTok answered with a code that shopsync does not know',
  attempts: 3,
};
