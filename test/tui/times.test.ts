import { expect, it } from 'vitest';

import { UsageError } from '../../tui/failure.ts';
import { milliseconds, typedInstant, typedLimit } from '../../tui/times.ts';

it.each([
  ['500ms', 500],
  ['30s', 30_000],
  ['2m', 120_000],
  ['365d', 2 ** 31 - 1],
])('%s is %d ms', (text, value) => expect(milliseconds(text)).toBe(value));

it.each(['', '3', 's', '1.5s', '-1s', '3 s', '3w'])('%j is no duration', (text) =>
  expect(() => milliseconds(text)).toThrow(UsageError),
);

it.each([
  ['1760000000', 1_760_000_000],
  ['2026-11-22', '2026-11-22T00:00:00.000Z'],
  ['2024-02-29', '2024-02-29T00:00:00.000Z'],
  ['2026-11-22T09:30', '2026-11-22T09:30:00.000Z'],
  ['2026-11-22T09:30:15+02:00', '2026-11-22T07:30:15.000Z'],
])('%s is the instant %s', (text, value) => expect(typedInstant(text)).toBe(value));

it.each(['yesterday', '2026-13-01', '2026-02-29', '2026-02-31T09:30+02:00', '2026', ''])('%j is no instant', (text) =>
  expect(() => typedInstant(text)).toThrow(UsageError),
);

it.each(['0', '501', 'x', '1e2'])('%j is no limit', (text) => expect(() => typedLimit(text)).toThrow(UsageError));
