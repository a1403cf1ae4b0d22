import { expect, test } from 'vitest';

import { loadConfig } from '../../../daemon/config/load.ts';
import type { RequestFaultInput } from '../../sandbox/faults-kinds.ts';
import { InstantTimers } from './manual-timers.ts';
import { SEARCH, taxonomyWorld } from './taxonomy-world.ts';

const transient = { class: 'transient', code: 'api', waits: [1000, 2000, 4000, 8000], attempts: 5 };
const refused = { class: 'configuration', waits: [], attempts: 1 };
/** For one request, milliseconds of real time: what hangs has to be seen to hang. */
const timeoutMs = 100;

const cases: readonly {
  readonly name: string;
  readonly fault: RequestFaultInput;
  readonly http: number;
  readonly class: string;
  readonly code?: string;
  readonly waits: readonly number[];
  readonly attempts: number;
  readonly says: string;
}[] = [
  { name: '500 without JSON', fault: { kind: '500' }, http: 500, ...transient, says: 'HTTP 500' },
  { name: '503 without JSON', fault: { kind: '503' }, http: 503, ...transient, says: 'overloaded' },
  { name: '408', fault: { kind: 'plain', http: 408 }, http: 408, ...transient, says: 'gave up waiting' },
  { name: 'T12: a body cut off', fault: { kind: 'cut' }, http: 0, ...transient, says: 'the connection failed' },
  {
    name: 'T12: a body cut off where its Content-Length says',
    fault: { kind: 'truncate' },
    http: 200,
    ...transient,
    says: 'not a whole JSON envelope',
  },
  { name: 'T25: no answer', fault: { kind: 'hang' }, http: 0, ...transient, says: 'no whole answer within 100 ms' },
  { name: 'T25: headers alone', fault: { kind: 'stall' }, http: 0, ...transient, says: 'no whole answer within' },
  { name: 'T25: dripping', fault: { kind: 'drip', ms: 20 }, http: 0, ...transient, says: 'no whole answer within' },
  {
    name: 'a page of HTML with 200',
    fault: { kind: 'plain', http: 200, text: '<html>hello</html>' },
    http: 200,
    ...transient,
    says: 'not a whole JSON envelope',
  },
  {
    name: '403 no schema found',
    fault: { kind: 'plain', http: 403, text: 'no schema found' },
    http: 403,
    ...refused,
    code: 'not_authorized',
    says: 'wrong kind',
  },
  {
    name: '404 of a proxy',
    fault: { kind: 'plain', http: 404, text: '<html>' },
    http: 404,
    ...refused,
    code: 'api',
    says: 'did not come from the API',
  },
];

test.each(cases)('rule 9: $name is $class after $attempts attempts', async ({ fault, http, says, ...row }) => {
  const timers = new InstantTimers();
  const { sandbox, search, attempts } = await taxonomyWorld({ timers, timeoutMs });
  // Waits of a slow machine, before there was a fault.
  timers.waits.splice(0);
  sandbox.faults.add({ ...fault, match: SEARCH });
  const error = await search().catch((reason: unknown) => reason);
  expect(error).toMatchObject({
    class: row.class,
    code: row.code,
    message: expect.stringContaining(says),
    hint: row.class === 'transient' && http !== 0 ? undefined : expect.stringMatching(/check|Partner Center/),
  });
  expect(String(error)).not.toMatch(/ROW_|sign=|html/);
  expect(timers.waits.filter((ms) => ms >= 1000)).toEqual(row.waits);
  expect(attempts).toHaveLength(row.attempts);
  for (const attempt of attempts) expect(attempt).toMatchObject({ http, code: undefined, outcome: row.class });
});

test.each(cases.filter((row) => row.class === 'transient'))('rule 9: $name passes', async ({ fault }) => {
  const timers = new InstantTimers();
  const { sandbox, search, attempts, account, shop } = await taxonomyWorld({ timers, timeoutMs });
  sandbox.faults.add({ ...fault, match: SEARCH, times: 4 });
  expect((await search()).data.orders).toHaveLength(100);
  expect(attempts.map(({ outcome }) => outcome)).toEqual([...Array(4).fill('transient'), 'success']);
  expect(account.budget(shop.id)?.usedToday).toBe(5);
});

test('T25: unless configured otherwise, a request that is not answered whole is given up within a minute', () => {
  const { config } = loadConfig({ env: { HOME: '/nowhere' }, read: () => null });
  expect(config.api.timeoutMs).toBeLessThanOrEqual(60_000);
});

test.each([
  ['as told', 7, [7000, 7000, 7000]],
  ['by backoff where nothing is told', null, [1000, 2000, 4000]],
  ['by backoff where it is told too little', 0, [1000, 2000, 4000]],
])('rule 9: 429 is waited for %s', async (_, retryAfter, waits) => {
  const timers = new InstantTimers();
  const { sandbox, search } = await taxonomyWorld({ timers });
  sandbox.faults.add({ kind: '429', retryAfter, match: SEARCH, times: 3 });
  await search();
  expect(timers.waits.filter((ms) => ms >= 1000)).toEqual(waits);
});

test('rule 9: a wait longer than anybody’s patience is handed to the caller, and to those who come after', async () => {
  const timers = new InstantTimers();
  const { sandbox, search, account, shop, now } = await taxonomyWorld({ timers });
  sandbox.faults.add({ kind: '429', retryAfter: 3600, match: SEARCH, times: 1 });
  const expected = { class: 'throttled', code: 'limit', retryAfterMs: 3_600_000 };
  await expect(search()).rejects.toMatchObject(expected);
  await expect(search()).rejects.toMatchObject(expected);
  expect(sandbox.requests.of(SEARCH).total).toBe(1);
  expect(account.budget(shop.id)?.throttledUntil).toBeGreaterThanOrEqual(now() + 3599);
  timers.pass(3_600_000);
  await search();
});

test('rule 6: wrong Date headers move neither the end of a window ahead nor the signature out of its time', async () => {
  for (const by of [7200, -7200, 400, -400]) {
    const timers = new InstantTimers();
    const { sandbox, search, account, now } = await taxonomyWorld({ timers });
    sandbox.faults.add({ kind: 'date', by, times: 3 });
    for (let request = 0; request < 12; request += 1) {
      await search();
      expect(account.serverClock.now()).toBeLessThanOrEqual(now() + 1);
      timers.pass(1000);
    }
    expect(Math.abs(account.serverClock.now() - now())).toBeLessThanOrEqual(2);
  }
});
