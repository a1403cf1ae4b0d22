import { expect, test } from 'vitest';
import { z } from 'zod';

import { readWire, refund, text } from '../../../daemon/streams/wire.ts';

test.each([
  ['12.50', '12.50'],
  ['', ''],
  [250_000, '250000'],
  [0.5, '0.5'],
  // Rounded on its way: no id is better than a wrong one.
  [Number('1729580000000000011'), null],
  [{}, null],
  [true, null],
  [null, null],
  [undefined, null],
])('%j as text is %j', (value, expected) => {
  expect(text.parse(value)).toBe(expected);
});

test('what is given back is told whole, in part, or not at all', () => {
  expect(refund.parse({ currency: 'VND', refund_total: '171500', refund_tax: '0' })).toEqual({
    currency: 'VND',
    refund_total: '171500',
  });
  expect(refund.parse({ currency: 'VND' })).toEqual({ currency: 'VND', refund_total: null });
  for (const none of [null, undefined, [], '5'])
    expect(refund.parse(none)).toEqual({ currency: null, refund_total: null });
});

const schema = z.object({ thing_id: z.string().min(1), size: z.int() });

test('an object is read as far as the columns need it, and kept whole as text', () => {
  const raw = { zebra: [1], thing_id: 'a', size: 3 };
  expect(readWire(raw, schema, 'thing_id')).toEqual({
    data: { thing_id: 'a', size: 3 },
    payload: JSON.stringify(raw),
  });
});

test.each([
  ['its id', { thing_id: 'a', size: 'Jane' }, 'a'],
  ['none, where it has none', { size: 'Jane' }, null],
  ['none, where its id is a number', { thing_id: 7, size: 1 }, null],
  ['none, where it is no object', ['Jane'], null],
  ['none, where it is nothing', null, null],
])('what cannot be stored is set aside under %s, without a word of what it says', (_, raw, recordId) => {
  const read = readWire(raw, schema, 'thing_id');
  expect(read).toMatchObject({ rejected: { recordId, payload: JSON.stringify(raw) } });
  expect('rejected' in read && read.rejected.reason).not.toContain('Jane');
});
