import { describe, expect, it } from 'vitest';

import { clean, cleanAll, json } from '../../tui/clean.ts';

const attacks = [
  '\u001b]52;c;aGk=\u0007',
  '\u001b]0;title\u0007',
  '\u001b[2J',
  '\u001bP0;1|17/ab\u001b\\',
  '\u0007',
  '\u009b31m',
  '\u202e',
  '\u2066',
  '\u001b]8;;http://x\u001b\\link\u001b]8;;\u001b\\',
];
const steering = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/u;

describe('clean', () => {
  it.each(attacks)('disarms %j', (attack) => expect(clean(`a${attack}b`)).not.toMatch(steering));
  it('makes one line of many', () => expect(clean('one\r\ntwo\tthree\u2028four')).toBe('one two three four'));
  it('keeps what people write', () => expect(clean('Größe 日本語 👨‍👩‍👧')).toBe('Größe 日本語 👨‍👩‍👧'));
});

describe('cleanAll', () => {
  it('reaches every string and every key', () => {
    expect(cleanAll({ 'a\u001b[2J': ['b\u202e', { c: 'd\n' }], n: 1, no: null, t: true })).toEqual({
      a: ['b', { c: 'd' }],
      n: 1,
      no: null,
      t: true,
    });
  });
});

describe('json', () => {
  it.each(attacks)('is the same document with %j escaped', (attack) => {
    const value = { text: `a${attack}b` };
    expect(json(value)).not.toMatch(steering);
    expect(JSON.parse(json(value))).toEqual(value);
  });
});
