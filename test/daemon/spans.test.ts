import fc from 'fast-check';
import { expect, test } from 'vitest';

import { type Span, gaps } from '../../daemon/spans.ts';

const span = fc.tuple(fc.nat(30), fc.nat(10)).map(([from, length]) => ({ from, to: from + length }));

const seconds = (spans: readonly Span[]): number[] =>
  spans.flatMap(({ from, to }) => Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i));

test('gaps are what no taken span holds, ascending, none of them empty', () => {
  fc.assert(
    fc.property(span, fc.array(span, { maxLength: 8 }), (whole, taken) => {
      const left = gaps(whole, taken);
      const held = new Set(seconds(taken));
      expect(seconds(left)).toEqual(seconds([whole]).filter((second) => !held.has(second)));
      expect(left.every(({ from, to }) => from < to)).toBe(true);
    }),
  );
});

test('spans that only touch leave nothing between them', () => {
  const halves = [
    { from: 5, to: 9 },
    { from: 0, to: 5 },
  ];
  expect(gaps({ from: 0, to: 9 }, halves)).toEqual([]);
  expect(gaps({ from: 5, to: 5 }, [])).toEqual([]);
});
