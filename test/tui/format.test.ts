import { describe, expect, it } from 'vitest';

import * as format from '../../tui/format.ts';

const now = Date.parse('2026-11-22T09:41:30Z');

describe('numbers', () => {
  it.each([
    [0, '0'],
    [999, '999'],
    [1_234_567, '1,234,567'],
  ])('%d is written %s', (value, text) => expect(format.number(value)).toBe(text));

  it.each([
    [99_999, 7, '99,999'],
    [1_234_567, 7, '1.2M'],
    [999_999, 6, '999.9k'],
    [12_345_678, 3, '12M'],
    [5_000_000_000, 7, '5.0G'],
  ])('%d fits into %d cells as %s', (value, room, text) => expect(format.short(value, room)).toBe(text));

  it.each([
    [0.25, '0.3'],
    [3, '3'],
    [9.99, '10'],
    [1250.4, '1,250'],
  ])('%d per second is %s', (value, text) => expect(format.rate(value)).toBe(text));

  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1500, '1.5 kB'],
    [412_000_000, '412 MB'],
  ])('%d bytes are %s', (value, text) => expect(format.bytes(value)).toBe(text));

  it('says 100 % only when nothing is left', () => {
    expect(format.percent(99_999, 100_000)).toBe('99 %');
    expect(format.percent(100_000, 100_000)).toBe('100 %');
    expect(format.percent(0, 0)).toBe('100 %');
  });
});

describe('times', () => {
  it.each([
    [0, '0 s'],
    [59.9, '59 s'],
    [252, '4 min 12 s'],
    [3600, '1 h'],
    [3605, '1 h'],
    [11_520, '3 h 12 min'],
    [200_000, '2 d 7 h'],
  ])('%d seconds are %s', (seconds, text) => expect(format.duration(seconds)).toBe(text));

  it('looks back and ahead', () => {
    expect(format.ago('2026-11-22T09:41:30Z', now)).toBe('just now');
    expect(format.ago('2026-11-22T09:38:00Z', now)).toBe('3 min ago');
    expect(format.until('2026-11-22T09:45:42Z', now)).toBe('in 4 min 12 s');
    expect(format.until('2026-11-22T09:41:00Z', now)).toBe('now');
  });

  it('writes instants in UTC, today without the date', () => {
    expect(format.instant('2026-11-22T09:41:30.123Z')).toBe('2026-11-22 09:41Z');
    expect(format.brief('2026-11-22T01:02:03Z', now)).toBe('01:02Z');
    expect(format.brief('2026-11-21T23:59:59Z', now)).toBe('2026-11-21');
  });
});

describe('bar', () => {
  it.each([
    [0, '░░░░'],
    [0.5, '██░░'],
    [0.54, '██▏░'],
    [1, '████'],
    [7, '████'],
    [-1, '░░░░'],
  ])('is filled to %d', (fraction, text) => expect(format.bar(fraction, 4)).toBe(text));

  it('is never full before the end', () => expect(format.bar(0.999, 10)).not.toBe('█'.repeat(10)));
});
