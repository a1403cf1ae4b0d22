import { expect, test } from 'vitest';

import type { Ask } from '../../../daemon/sync/asks.ts';
import { type Running, assertServes, isBusy } from '../../../daemon/sync/serves.ts';

const since = 1000;
const running: Running = { runId: 'r1', span: { from: 2000, to: 3000 }, goesOn: false };
const span = (from: number, to: number, statuses?: readonly string[]): Ask => ({
  what: 'span',
  span: { from, to },
  statuses,
});

/** Whether whoever asks may join. */
function serves(run: Partial<Running>, ask: Ask): boolean {
  try {
    assertServes({ ...running, ...run }, ask, since);
    return true;
  } catch (error) {
    expect(isBusy(error)).toBe(true);
    expect(error).toMatchObject({ hint: expect.stringContaining('shopsync cancel r1') });
    return false;
  }
}

test.each<[string, Partial<Running>, Ask, boolean]>([
  ['the same span', {}, span(2000, 3000), true],
  ['a span within', {}, span(2001, 2999), true],
  ['one that begins sooner', {}, span(1999, 3000), false],
  ['one that ends later', {}, span(2000, 3001), false],
  ['statuses of a span that is read whole', {}, span(2000, 3000, ['UNPAID']), true],
  ['the same statuses', { statuses: ['UNPAID', 'ON_HOLD'] }, span(2000, 3000, ['ON_HOLD', 'UNPAID']), true],
  ['one of the statuses', { statuses: ['UNPAID', 'ON_HOLD'] }, span(2000, 3000, ['ON_HOLD']), true],
  ['one more status', { statuses: ['UNPAID'] }, span(2000, 3000, ['UNPAID', 'ON_HOLD']), false],
  ['every status', { statuses: ['UNPAID'] }, span(2000, 3000), false],
  ['the same statuses of a longer span', { statuses: ['UNPAID'] }, span(1000, 3000, ['UNPAID']), false],
])('of a run under way, %s', (_, run, ask, joins) => {
  expect(serves(run, ask)).toBe(joins);
});

test('a span that ends when it is asked for is served by one that was asked for earlier, and by no other', () => {
  const later: Ask = { what: 'span', span: { from: 2000, to: 3005, isOpen: true } };
  expect(serves({ span: { from: 2000, to: 3000, isOpen: true } }, later)).toBe(true);
  expect(serves({ span: { from: 2001, to: 3000, isOpen: true } }, later)).toBe(false);
  expect(serves({ span: { from: 2000, to: 3000 } }, later)).toBe(false);
  expect(serves({ span: { from: 2000, to: 3000, isOpen: true } }, span(2000, 3005))).toBe(false);
});

test('a recheck is joined by whoever wants one, an audit by whoever wants no more repaired', () => {
  expect(serves({}, { what: 'recheck' })).toBe(true);
  const audit = (repair: boolean): Ask => ({ what: 'audit', repair });
  expect(serves({ repairs: true }, audit(true))).toBe(true);
  expect(serves({ repairs: true }, audit(false))).toBe(true);
  expect(serves({ repairs: false }, audit(false))).toBe(true);
  expect(serves({ repairs: false }, audit(true))).toBe(false);
});

test('a full run is joined since no earlier a day, and anew only where it began anew', () => {
  const resync = (change: { since?: number; anew?: boolean } = {}): Ask => ({ what: 'resync', ...change });
  expect(serves({}, resync({ since: 2000 }))).toBe(true);
  expect(serves({}, resync({ since: 1999 }))).toBe(false);
  expect(serves({}, resync())).toBe(false);
  expect(serves({ span: { from: since, to: 3000 } }, resync())).toBe(true);
  expect(serves({ goesOn: true }, resync({ since: 2000, anew: true }))).toBe(false);
  expect(serves({ goesOn: true }, resync({ since: 2000 }))).toBe(true);
});
