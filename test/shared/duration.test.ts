import { expect, test } from 'vitest';

import { parseDuration } from '../../shared/duration.ts';

test.each([
  ['0s', 0],
  ['15ms', 15],
  ['20s', 20_000],
  ['5m', 300_000],
  ['2h', 7_200_000],
  ['45d', 3_888_000_000],
])('%s is %i milliseconds', (text, milliseconds) => {
  expect(parseDuration(text)).toBe(milliseconds);
});

test.each(['', '5', 's', '-5s', '1.5h', '5 s', '5S', '5min', '1h30m', '999999999999999d', '5s\n'])(
  '%j is no duration',
  (text) => {
    expect(parseDuration(text)).toBeUndefined();
  },
);
