import { expect, test } from 'vitest';

import { orderStatuses } from '../../shared/order-statuses.ts';
import type { Failure } from '../../shared/run-views.ts';
import { amount } from '../../tui/format.ts';
import { statusReport } from '../../tui/status-report.ts';
import { apiWords, failureBrief, failureWords, runNote } from '../../tui/words.ts';
import { audited, failure, run, status } from './samples.ts';

const nowMs = Date.parse('2026-11-22T16:01:00Z');
const midnight = '2026-11-23T00:00:00.000Z';

test.each([
  { what: 'no quota', over: { dailyQuota: null, throttledUntil: midnight }, words: 'throttled, goes on in 7 h 59 min' },
  { what: 'a 429', over: { throttledUntil: '2026-11-22T16:01:30.000Z' }, words: 'throttled, goes on in 30 s' },
  {
    what: 'the share of history used',
    over: { throttledUntil: midnight },
    words: 'history waiting for quota until 00:00Z, in 7 h 59 min',
  },
  {
    what: 'all of the day used',
    over: { usedToday: 600, throttledUntil: midnight },
    words: 'waiting for quota until 00:00Z, in 7 h 59 min',
  },
])('T23: with $what a person reads who waits and until when', ({ over, words }) => {
  const api = status().api.map((one) => ({ ...one, dailyQuota: 600, usedToday: 481, ...over }));
  const [line = ''] = api.map((one) => apiWords(one, nowMs));
  expect(line.split(' today, ')[1]?.startsWith(words)).toBe(true);
  const report = statusReport(status({ api }), '/run/control.sock', nowMs, (_, text) => text);
  expect(report.find((text) => text.startsWith('api '))).toContain(words);
});

test('an API that holds nothing back is not said to wait', () => {
  const [line] = status().api.map((one) => apiWords({ ...one, dailyQuota: 600 }, nowMs));
  expect(line).not.toMatch(/wait|throttled/);
});

test('a failure says since when, where it was not the first in a row', () => {
  const failure: Failure = {
    code: 'api',
    message: 'TikTok is overloaded',
    retryable: true,
    kind: 'incremental',
    at: '2026-11-22T16:00:40.000Z',
    nextAttemptAt: '2026-11-22T16:01:30.000Z',
  };
  expect(failureWords(failure, nowMs)).toBe(
    'incremental run failed 20 s ago: TikTok is overloaded. Next attempt in 30 s.',
  );
  const again = { ...failure, since: '2026-11-22T14:01:00.000Z' };
  expect(failureWords(again, nowMs)).toContain('failed 20 s ago (first 2 h ago): TikTok');
  expect(failureBrief(again, nowMs)).toContain('failed 20 s ago (first 2 h ago), next attempt in 30 s: TikTok');
});

test.each([
  ['fetch failed', 'Fetch failed.'],
  ['http://127.0.0.1:1 cannot be reached', 'http://127.0.0.1:1 cannot be reached.'],
  ['api.app_key is wrong', 'api.app_key is wrong.'],
  ['/var/lib/x: no space', '/var/lib/x: no space.'],
  ['authorize again: shopsync auth url', 'Authorize again: shopsync auth url.'],
])('a sentence begins with a capital only where it begins with a word: %s', (message, said) => {
  const failure: Failure = {
    code: 'api',
    message,
    retryable: true,
    kind: 'full',
    at: '2026-11-22T16:00:00.000Z',
    nextAttemptAt: null,
  };
  expect(failureWords(failure, nowMs)).toContain(`: ${said} `);
});

test.each([
  [1, '1 request'],
  [0, '0 requests'],
  [2000, '2,000 requests'],
])('%d is counted as %s', (value, words) => {
  expect(amount(value, 'request')).toBe(words);
});

const everyOpen = orderStatuses.filter((status) => !['COMPLETED', 'CANCELLED'].includes(status));

test.each([
  [{ statuses: everyOpen }, 'open'],
  [{ statuses: [...everyOpen, 'NEW_AT_TIKTOK'] }, 'open'],
  [{ statuses: everyOpen.slice(1) }, everyOpen.slice(1).join(', ')],
  [{ statuses: orderStatuses.slice() }, orderStatuses.join(', ')],
  [{ statuses: ['UNPAID'], error: failure({ message: 'it broke' }) }, 'UNPAID: it broke'],
  [{ audit: audited({ statement: 'all is well' }) }, 'all is well'],
  [{}, ''],
])('the note of a run tells which statuses it read, why it failed, what it found', (over, words) => {
  expect(runNote(run(over))).toBe(words);
});
