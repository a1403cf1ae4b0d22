import { describe, expect, test } from 'vitest';

import { systemTimers } from '../../../daemon/tiktok/timers.ts';
import type { RequestFaultInput } from '../../sandbox/faults-kinds.ts';
import { InstantTimers } from '../tiktok/manual-timers.ts';
import { SEARCH, TOKENS } from '../tiktok/taxonomy-world.ts';
import { engineOverHttp } from './taxonomy-world.ts';

const HOUR = 3600;
const CONSENT = expect.stringContaining('shopsync auth url');

/** What a run that meets nothing but this failure records, and in how many seconds it is tried again by itself. */
const failures: readonly {
  readonly name: string;
  readonly fault: RequestFaultInput;
  readonly requests: number;
  readonly code: string;
  readonly retryable: boolean;
  readonly hint?: unknown;
  readonly again: number;
}[] = [
  { name: 'internal error', fault: { kind: 'code' }, requests: 5, code: 'api', retryable: true, again: 10 },
  { name: '503', fault: { kind: '503' }, requests: 5, code: 'api', retryable: true, again: 10 },
  { name: 'T12: a cut body', fault: { kind: 'cut' }, requests: 5, code: 'api', retryable: true, again: 10 },
  { name: 'T12: half a JSON', fault: { kind: 'truncate' }, requests: 5, code: 'api', retryable: true, again: 10 },
  // The first request asks for what is new, of which there is nothing.
  { name: 'T12: no orders of some', fault: { kind: 'missing' }, requests: 4, code: 'api', retryable: true, again: 10 },
  { name: 'unknown code', fault: { kind: 'code', code: 4711 }, requests: 3, code: 'api', retryable: true, again: 10 },
  {
    name: '429 for an hour',
    fault: { kind: '429', retryAfter: HOUR },
    requests: 1,
    code: 'limit',
    retryable: true,
    again: HOUR,
  },
  {
    name: 'the quota of the hour',
    fault: { kind: 'code', code: 36009037 },
    requests: 1,
    code: 'limit',
    retryable: true,
    again: HOUR,
  },
  {
    name: 'wrong signature',
    fault: { kind: 'code', code: 106001 },
    requests: 1,
    code: 'api',
    retryable: false,
    hint: expect.stringContaining('api.app_key'),
    again: 24 * HOUR,
  },
  {
    name: 'missing scope',
    fault: { kind: 'code', code: 105005 },
    requests: 1,
    code: 'not_authorized',
    retryable: false,
    hint: CONSENT,
    again: 24 * HOUR,
  },
  {
    name: 'inactive shop',
    fault: { kind: 'code', code: 36009043 },
    requests: 1,
    code: 'api',
    retryable: false,
    hint: expect.stringContaining('Seller Center'),
    again: 24 * HOUR,
  },
  {
    name: 'a token refused again after its refresh',
    fault: { kind: 'code', code: 105002 },
    requests: 2,
    code: 'not_authorized',
    retryable: false,
    hint: CONSENT,
    again: HOUR,
  },
];

test.each(failures)('rule 9: $name is recorded, shown and logged once', async ({ fault, ...expected }) => {
  const world = await engineOverHttp({ timers: new InstantTimers() });
  world.sandbox.faults.add({ ...fault, match: SEARCH });

  const run = await world.ask();

  expect(run).toMatchObject({ state: 'failed', requests: expected.requests, seen: 0 });
  const { code, retryable, hint } = expected;
  expect(run.error).toMatchObject({ code, retryable, ...(hint !== undefined && { hint }) });
  const wait = (Date.parse(run.error?.nextAttemptAt ?? '') - Date.parse(run.error?.at ?? '')) / 1000;
  expect(Math.abs(wait - expected.again)).toBeLessThanOrEqual(1);
  const { streams } = await world.view.status();
  expect(streams).toMatchObject([{ lastError: run.error, nextRunAt: run.error?.nextAttemptAt, isFullSync: null }]);
  expect(world.errors()).toHaveLength(1);
  expect(JSON.stringify([run, world.logged])).not.toMatch(/ROW_|sign=|f00dface/);
  expect(world.attempts).toHaveLength(expected.requests);

  world.sandbox.faults.clear();
  if (fault.kind === '429' || expected.again === HOUR) return;
  expect(await world.ask()).toMatchObject({ state: 'succeeded' });
  expect(await world.stored()).toEqual(world.shown());
});

test.each<[string, RequestFaultInput]>([
  ['T12: answers without their orders', { kind: 'missing', after: 2, times: 1 }],
  ['T12: cut bodies', { kind: 'cut', every: 3 }],
  ['T12: half JSON', { kind: 'truncate', every: 3 }],
  ['T22: a storm of 429', { kind: '429', probability: 0.3, retryAfter: null }],
  ['orders twice on a page', { kind: 'double', every: 2 }],
  ['orders on two pages', { kind: 'double', across: true, every: 2 }],
  ['T26: an empty page with a token', { kind: 'token', how: 'empty', every: 3 }],
])('rule 9: a run that meets %s succeeds, and nothing is lost', async (_, fault) => {
  const world = await engineOverHttp({ timers: new InstantTimers(), sandbox: { orders: 450 } });
  world.sandbox.faults.add({ ...fault, match: SEARCH });
  expect(await world.ask()).toMatchObject({ state: 'succeeded' });
  expect(await world.stored()).toEqual(world.shown());
  expect(world.errors()).toEqual([]);
});

test.each<[string, RequestFaultInput]>([
  ['accepts and never answers', { kind: 'hang', after: 1, every: 3 }],
  ['sends headers and stalls', { kind: 'stall', after: 1, every: 3 }],
  ['sends a byte now and then', { kind: 'drip', ms: 300, after: 1, every: 3 }],
])('T25: a run against an API that %s gives each up in time, asks again, and completes', async (_, fault) => {
  const timeoutMs = 400;
  const world = await engineOverHttp({ timers: new InstantTimers(), timeoutMs, sandbox: { orders: 450 } });
  world.sandbox.faults.add({ ...fault, match: SEARCH });
  const began = performance.now();
  expect(await world.ask()).toMatchObject({ state: 'succeeded' });
  const gaveUp = world.attempts.filter(({ outcome }) => outcome === 'transient');
  expect(gaveUp.length).toBeGreaterThanOrEqual(2);
  expect(performance.now() - began).toBeLessThan((gaveUp.length + 1) * timeoutMs + 10_000);
  expect(await world.stored()).toEqual(world.shown());
  expect(world.errors()).toEqual([]);
});

test('T28: a token that expires under eight requests of a full run is refreshed once, and no page is lost', async () => {
  const world = await engineOverHttp({
    timers: systemTimers,
    sandbox: { orders: 6000, days: 300, latencyMs: 25, refreshEndsAccess: true },
  });
  const { faults } = world.sandbox;
  faults.add({ kind: 'expire', match: SEARCH, after: 20, times: 1 });
  // Long enough for all eight to be refused before the new token is there.
  faults.add({ kind: 'slow', ms: 1200, match: TOKENS });
  expect(await world.ask()).toMatchObject({ state: 'succeeded' });
  expect(world.count(TOKENS)).toBe(1);
  const refused = world.attempts.filter(({ code }) => code === 105002);
  expect(refused).toHaveLength(8);
  expect(world.attempts.filter(({ outcome }) => outcome !== 'success')).toEqual(refused);
  expect(await world.stored()).toEqual(world.shown());
  expect(world.errors()).toEqual([]);
});

describe.each([36004001, 36004004, 36004005])('T29: a refresh refused with %i', (code) => {
  test('stops the stream, says how to authorize again, and is asked at most three times an hour', async () => {
    const timers = new InstantTimers();
    const world = await engineOverHttp({ timers });
    world.sandbox.tokens.expire();
    world.sandbox.faults.add({ kind: 'code', code, match: TOKENS });
    for (let minute = 0; minute < 60; minute += 1) {
      // The shops are asked first: without a token there is nothing to run, and whoever asks is told why.
      await expect(world.ask()).rejects.toMatchObject({ class: 'token', code: 'not_authorized', hint: CONSENT });
      timers.pass(60_000);
    }
    expect(world.count(TOKENS)).toBeLessThanOrEqual(3);
    expect(world.engine.problem).toMatchObject({ code: 'not_authorized', retryable: false, hint: CONSENT });
    expect((await world.view.status()).problem).toMatchObject({ code: 'not_authorized', hint: CONSENT });
  });

  test('in the middle of a run fails the run with the same words, for which the client exits with 6', async () => {
    const world = await engineOverHttp({ timers: new InstantTimers(), sandbox: { orders: 450 } });
    world.sandbox.faults.add({ kind: 'expire', match: SEARCH, after: 3, times: 1 });
    world.sandbox.faults.add({ kind: 'code', code, match: TOKENS });
    const run = await world.ask();
    expect(run).toMatchObject({ state: 'failed', error: { code: 'not_authorized', retryable: false, hint: CONSENT } });
    expect(world.count(TOKENS)).toBe(1);
    expect((await world.view.status()).streams).toMatchObject([{ lastError: run.error }]);
    expect(world.errors()).toHaveLength(1);
  });
});
