import { expect, test } from 'vitest';

import { askOf } from '../../../daemon/rpc/asks.ts';

const since = 1000;
const now = 5000.7;

test('what is new is asked for where nothing is named; else a span, from the beginning to now where it has no ends', () => {
  expect(askOf({}, now, since)).toEqual({ what: 'sync' });
  expect(askOf({ from: 2000, to: 3000 }, now, since)).toEqual({ what: 'span', span: { from: 2000, to: 3000 } });
  expect(askOf({ from: 2000 }, now, since)).toEqual({ what: 'span', span: { from: 2000, to: 5001, isOpen: true } });
  expect(askOf({ to: 3000 }, now, since)).toEqual({ what: 'span', span: { from: since, to: 3000 } });
});

test('statuses are read of the same span', () => {
  const statuses = ['UNPAID'];
  const span = { from: since, to: 5001, isOpen: true };
  expect(askOf({ statuses }, now, since)).toEqual({ what: 'span', span, statuses });
  expect(askOf({ statuses, from: 2000, to: 3000 }, now, since)).toEqual({
    what: 'span',
    span: { from: 2000, to: 3000 },
    statuses,
  });
  expect(() => askOf({ statuses, from: 9000 }, now, since)).toThrow('from: must lie before to');
});
