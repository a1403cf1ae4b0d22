import { expect, test } from 'vitest';

import { shapeOf, shapesKnown } from '../../../daemon/streams/shape.ts';

test('a shape tells status, fields and kinds, one level deep, and nothing of what stands in them', () => {
  const order = {
    status: 'PAID',
    note: 'Jane',
    tags: ['x'],
    total: 3,
    gone: null,
    payment: { sum: '1.00', tax: { a: 1 } },
  };
  expect(shapeOf(order)).toEqual([
    'status:string',
    'note:string',
    'tags:list',
    'total:number',
    'payment:object',
    'payment.sum:string',
    'payment.tax:object',
    'status=PAID',
  ]);
});

test('a status may stand in a field of another name, and what is no object has no shape', () => {
  expect(
    shapeOf({ return_status: 'NEW', status: 'OTHER', inner: { return_status: 'NOT_THIS' } }, 'return_status'),
  ).toEqual(['return_status:string', 'status:string', 'inner:object', 'inner.return_status:string', 'status=NEW']);
  expect(shapeOf({ status: 7 })).toEqual(['status:number']);
  for (const nothing of [null, undefined, 'text', 7]) expect(shapeOf(nothing)).toEqual([]);
});

test('what is known is statuses and the paths of fields', () => {
  expect(shapesKnown(['A', 'B'], '\n  one two\n  three.four\n')).toEqual(
    new Set(['status=A', 'status=B', 'one', 'two', 'three.four']),
  );
});
