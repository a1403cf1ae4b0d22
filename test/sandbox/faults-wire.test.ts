import { expect, test } from 'vitest';

import { ask, codeOf } from './client.ts';
import type { FaultInput } from './faults-kinds.ts';
import { living } from './living.ts';
import type { Sandbox } from './sandbox.ts';

const SHOPS = '/authorization/202309/shops';
const clock = { now: 1_764_000_000 };

async function start(...faults: FaultInput[]): Promise<Sandbox> {
  const sandbox = await living({ orders: 40, days: 30, now: () => clock.now, frozen: true });
  for (const fault of faults) sandbox.faults.add(fault);
  return sandbox;
}

const raw = (sandbox: Sandbox, signal: AbortSignal) => fetch(`${sandbox.url}${SHOPS}`, { signal });

/** Codes of the API and of its token host with the status that each is known to come with. */
const codes: readonly (readonly [number, number])[] = [
  ...[36009003, 36009007, 66007001, 20001, 12001000, 33001002, 12052881].map((code) => [code, 200] as const),
  ...[10002014, 10002015, 10037002, 10037003, 10037004, 12052109].map((code) => [code, 200] as const),
  ...[36004001, 36004004, 36004005, 12052180, 28001022, 28001007].map((code) => [code, 200] as const),
  ...[36009002, 36009037].map((code) => [code, 429] as const),
  ...[105001, 105002, 105005, 106001, 36009043].map((code) => [code, 401] as const),
  ...[106013, 36009004].map((code) => [code, 400] as const),
  [36009009, 404],
  [36009010, 405],
];

test('any code comes on demand, with its HTTP status and the message asked for', async () => {
  const sandbox = await start();
  for (const [code, http] of codes) {
    sandbox.faults.add({ kind: 'code', code, message: `no ${code}`, times: 1 });
    const answered = await ask(sandbox, SHOPS, { timestamp: clock.now });
    expect([answered.http, codeOf(answered)]).toEqual([http, code]);
    expect(answered.text).toContain(`"no ${code}"`);
  }
  sandbox.faults.add({ kind: 'plain', http: 403, text: 'no schema found', times: 1 });
  expect(await ask(sandbox, SHOPS, { timestamp: clock.now })).toMatchObject({ http: 403, text: 'no schema found' });
  sandbox.faults.add({ kind: 'code', code: 36004005, match: '/api/v2/token/', times: 1 });
  expect(await (await fetch(`${sandbox.url}/api/v2/token/refresh`)).text()).toContain('36004005');
});

test('T25: hang accepts and never answers', async () => {
  const sandbox = await start({ kind: 'hang', times: 1 });
  await expect(raw(sandbox, AbortSignal.timeout(150))).rejects.toMatchObject({ name: 'TimeoutError' });
  expect(sandbox.requests.of(SHOPS)).toMatchObject({ total: 1, ok: 0, failed: 1 });
});

test('T25: stall sends the headers and no byte of the body', async () => {
  const sandbox = await start({ kind: 'stall', times: 1 });
  const response = await raw(sandbox, AbortSignal.timeout(150));
  expect(Number(response.headers.get('content-length'))).toBeGreaterThan(0);
  await expect(response.text()).rejects.toMatchObject({ name: 'TimeoutError' });
});

test('T25: drip sends byte after byte, and ends', async () => {
  const sandbox = await start({ kind: 'drip', ms: 1 });
  const began = performance.now();
  const answered = await ask(sandbox, SHOPS, { timestamp: clock.now });
  expect(codeOf(answered)).toBe(0);
  expect(performance.now() - began).toBeGreaterThan(answered.text.length * 0.9);
  await expect((await raw(sandbox, AbortSignal.timeout(60))).text()).rejects.toMatchObject({ name: 'TimeoutError' });
});

test('T12: truncate agrees with its Content-Length and is no JSON, cut does not agree', async () => {
  const sandbox = await start({ kind: 'truncate', times: 1 }, { kind: 'cut', after: 1, times: 1 });
  const { http, headers, text } = await ask(sandbox, SHOPS, { timestamp: clock.now });
  expect([http, headers.get('content-length')]).toEqual([200, String(text.length)]);
  expect(() => JSON.parse(text)).toThrow(SyntaxError);
  await expect(ask(sandbox, SHOPS, { timestamp: clock.now })).rejects.toThrow();
  expect(codeOf(await ask(sandbox, SHOPS, { timestamp: clock.now }))).toBe(0);
});

test('the Date header is ahead or behind for so many answers, and then right', async () => {
  const sandbox = await start({ kind: 'date', by: 7200, times: 1 }, { kind: 'date', by: -90, after: 1, times: 2 });
  const seen: number[] = [];
  for (let answer = 0; answer < 4; answer += 1) {
    const { headers } = await ask(sandbox, SHOPS, { timestamp: clock.now });
    seen.push(Date.parse(headers.get('date') ?? '') / 1000 - clock.now);
  }
  expect(seen).toEqual([7200, -90, -90, 0]);
});

test('T22: a storm strikes 30 % of the requests, then all for a time, and is over by itself', async () => {
  const sandbox = await start({ kind: '429', probability: 0.3, retryAfter: null });
  const statuses = async (count: number) => {
    let refused = 0;
    for (let at = 0; at < count; at += 1) {
      if ((await ask(sandbox, SHOPS, { timestamp: clock.now })).http === 429) refused += 1;
    }
    return refused;
  };
  const some = await statuses(100);
  expect(some).toBeGreaterThan(15);
  expect(some).toBeLessThan(45);
  sandbox.faults.clear();
  sandbox.faults.add({ kind: '429', seconds: 120 });
  expect(await statuses(5)).toBe(5);
  clock.now += 119;
  expect(await statuses(5)).toBe(5);
  clock.now += 1;
  expect(await statuses(5)).toBe(0);
});
