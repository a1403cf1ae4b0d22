import xterm from '@xterm/headless';
import { describe, expect, it } from 'vitest';

import { cut, cutMiddle, fit, noBreak, width, wrap } from '../../tui/width.ts';

/** The column where a terminal stands after a text. */
const columnAfter = async (text: string): Promise<number> => {
  const terminal = new xterm.Terminal({ cols: 80, rows: 2, allowProposedApi: true });
  await new Promise<void>((resolve) => terminal.write(text, resolve));
  return terminal.buffer.active.cursorX;
};

describe('width', () => {
  it.each(['', 'plain', '日本語', 'é', 'ｆｕｌｌ', '한국', '①', 'a…b', '█▍░', '◌ ●'])(
    'of %j is what a terminal uses',
    async (text) => expect(width(text)).toBe(await columnAfter(text)),
  );

  // The emulator knows only the emoji widths of Unicode 6; terminals of today use two cells.
  it.each(['😀', '👨‍👩‍👧', '🇩🇪'])('of %s is two cells', (emoji) => expect(width(emoji)).toBe(2));
});

describe('cut and fit', () => {
  it('keep what fits', () => expect(cut('abc', 3)).toBe('abc'));
  it('leave an ellipsis', () => expect(cut('abcdef', 4)).toBe('abc…'));
  it('never split a wide character', () => expect(cut('日本語', 4)).toBe('日…'));
  it.each(['日本語', 'abc', '👨‍👩‍👧 family', 'a very long name indeed'])('make %j exactly eight cells', (text) => {
    expect(width(fit(text, 8))).toBe(8);
    expect(width(fit(text, 8, 'right'))).toBe(8);
  });
  it('can have no room at all', () => expect(fit('abc', 0)).toBe(''));
});

it('cuts names in the middle, so that those that differ at their end stay different', () => {
  expect(cutMiddle('Sandbox Company Europe A', 12)).toBe('Sandb…rope A');
  expect(cutMiddle('Demo', 12)).toBe('Demo');
  for (const name of ['日本の店舗一号店舗です', 'Sandbox Company Europe', '👩‍👩‍👧‍👦 family and friends shop'])
    for (let room = 1; room < 30; room++) expect(width(cutMiddle(name, room))).toBeLessThanOrEqual(room);
});

it('wraps at blanks, never at one that is not to be broken, and keeps every word', () => {
  expect(wrap('one two three', 7)).toEqual(['one two', 'three']);
  expect(wrap(`one two${noBreak}three`, 9)).toEqual(['one', 'two three']);
  expect(wrap('longerthanthat x', 5)).toEqual(['longerthanthat', 'x']);
  expect(wrap('日本 の店', 4)).toEqual(['日本', 'の店']);
  expect(wrap('', 5)).toEqual(['']);
});
