import { expect, test } from 'vitest';

import { codeRows } from '../../../daemon/tiktok/codes.ts';
import { InstantTimers } from './manual-timers.ts';
import { SEARCH, SHOPS, taxonomyWorld, TOKENS } from './taxonomy-world.ts';

/** What a call that meets nothing but this code does, and what its caller is told. */
interface Row {
  readonly codes: readonly number[];
  readonly message?: string;
  readonly http?: number;
  /** Whether the request carries a page token. */
  readonly paging?: boolean;
  readonly attempts: number;
  /** Milliseconds between attempts. */
  readonly waits?: readonly number[];
  readonly class: string;
  readonly reaction: string;
  /** The word for clients; `api` unless told. */
  readonly code?: string;
  readonly hint?: string;
  readonly retryAfterMs?: number;
  readonly refreshes?: number;
  readonly rereads?: number;
}

const BACKOFF = [1000, 2000, 4000, 8000];
const CONSENT = 'shopsync auth url';
const transient = { attempts: 5, waits: BACKOFF, class: 'transient', reaction: 'retry' };
const few = { ...transient, attempts: 3, waits: [1000, 2000] };
// Ten minutes of waiting in all, then the run says when it may go on.
const minutes = [...BACKOFF, 16_000, 32_000, ...Array.from({ length: 8 }, () => 60_000)];
const crowded = { class: 'throttled', reaction: 'throttle', code: 'limit' };
const patient = { ...crowded, attempts: 15, waits: minutes, retryAfterMs: 60_000 };
const token = { class: 'token', code: 'not_authorized', hint: CONSENT };
const expired = { ...token, reaction: 'refresh-token', attempts: 2, refreshes: 1 };
const stop = { class: 'configuration', reaction: 'stop', attempts: 1 };
const bug = { ...stop, hint: 'report it' };
const forbidden = { ...stop, code: 'not_authorized', hint: 'Partner Center' };
const inactive = { ...stop, reaction: 'pause-shop', hint: 'Seller Center' };
const version = { ...stop, reaction: 'fall-back-version' };
const mismatch = { ...stop, reaction: 'reread-shops', rereads: 1 };
const skip = { class: 'record', reaction: 'skip', attempts: 1 };
const restart = { class: 'transient', reaction: 'restart-window', attempts: 1, paging: true };
const credentials = { ...stop, hint: 'api.app_key' };

const rows: readonly Row[] = [
  { codes: [36009002, 12052109], ...patient },
  { codes: [36009037], ...crowded, attempts: 1, retryAfterMs: 3_600_000 },
  { codes: [45101004], ...crowded, attempts: 1, retryAfterMs: 8 * 3_600_000 },
  { codes: [36009003, 36009007, 66007001, 20001, 12001000, 33001002, 12052881], ...transient },
  { codes: [36009003], http: 500, ...transient },
  { codes: [10002014, 10002015, 10037002, 10037003, 10037004], ...transient },
  { codes: [10006402], ...few },
  { codes: [105002, 105001], ...expired },
  { codes: [105002], http: 200, ...expired },
  { codes: [101000], ...mismatch, code: 'not_authorized', hint: CONSENT },
  { codes: [36004001, 36004004, 36004005], ...token, reaction: 'stop', attempts: 1 },
  { codes: [105005, 66009315, 25020005, 12009014, 12019114], ...forbidden },
  { codes: [106001], ...credentials },
  { codes: [106013], ...mismatch, hint: 'report it' },
  { codes: [36009009, 36009014], ...version },
  { codes: [36009010, 36009021, 36009022, 36009023], ...bug },
  { codes: [36009033], ...stop, hint: 'Partner Center' },
  { codes: [36009043, 36009044, 12052700, 12052704], ...inactive },
  { codes: [98001004, 25001001, 12052910], ...bug },
  { codes: [12019108, 12019109, 12019118, 12019119, 12019027, 12019087], ...bug },
  { codes: [12052180, 28001022], ...bug, reaction: 'split-window' },
  { codes: [28001007, 12019150, 12052032, 21008111], ...skip },
  { codes: [36009004], message: "missing 'sign'", ...credentials },
  { codes: [36009004], message: "invalid credentials: 'app_key'", ...credentials },
  { codes: [36009004], message: "'x-tts-access-token' header is invalid", ...expired },
  {
    codes: [36009004],
    message: "'timestamp' is more than 30 seconds ahead",
    ...stop,
    reaction: 'resync-clock',
    attempts: 3,
    hint: 'NTP',
  },
  { codes: [36009004], message: "unexpected identifier 'shop_cipher'", ...bug },
  { codes: [36009004], message: "'shop_id' does not match", ...mismatch, hint: 'report it' },
  { codes: [36009004], message: 'invalid API version', ...version },
  { codes: [36009004], message: "'page_size' is required", ...bug },
  { codes: [36009004], message: 'the date range is too long', ...bug, reaction: 'split-window' },
  { codes: [36009004], message: "'page_token' is invalid", ...restart },
  { codes: [36009004], message: "'sort_field' is invalid", ...bug },
  { codes: [36009004, 98001004, 25001001, 12019108], ...restart },
  { codes: [4_711], ...few },
  { codes: [4_711], http: 503, ...transient },
  { codes: [4_711], http: 429, ...patient },
];

const cases = rows.flatMap(({ codes, ...row }) => codes.map((apiCode) => ({ apiCode, ...row })));

test.each(cases)(
  'rule 9: $apiCode ${message} is $class, $reaction, after $attempts attempts',
  async ({ apiCode, message, http, paging = false, attempts, waits = [], refreshes = 0, rereads = 0, ...told }) => {
    const timers = new InstantTimers();
    const world = await taxonomyWorld({ timers });
    const page = paging ? (await world.search()).data.next_page_token : undefined;
    const before = { attempts: world.attempts.length, sent: world.sent.count, shops: world.count(SHOPS) };
    world.sandbox.faults.add({
      kind: 'code',
      code: apiCode,
      match: SEARCH,
      ...(message !== undefined && { message }),
      ...(http !== undefined && { http }),
    });

    const error = await world.search(page).catch((reason: unknown) => reason);

    const { class: failureClass, reaction, code = 'api', hint, retryAfterMs } = told;
    expect(error).toMatchObject({
      class: failureClass,
      reaction,
      code,
      apiCode,
      hint: hint === undefined ? expect.toSatisfy(() => true) : expect.stringContaining(hint),
      retryAfterMs,
      message: expect.stringContaining(`(code ${apiCode}`),
    });
    expect(timers.waits.filter((ms) => ms >= 1000)).toEqual(waits);
    const heard = world.attempts.slice(before.attempts);
    expect(heard).toHaveLength(attempts);
    expect(world.sent.count - before.sent).toBe(attempts);
    const outcomes = new Set(heard.map((attempt) => `${attempt.endpoint} ${attempt.code} ${attempt.outcome}`));
    expect([...outcomes]).toEqual([`${SEARCH} ${apiCode} ${failureClass}`]);
    expect(world.count(TOKENS)).toBe(refreshes);
    expect(world.count(SHOPS) - before.shops).toBe(rereads);
  },
);

test('every code of the tables has its row here', () => {
  const told = new Set(rows.flatMap(({ codes }) => codes));
  expect(codeRows.flatMap(({ codes }) => codes).filter((code) => !told.has(code))).toEqual([]);
});
