import xterm from '@xterm/headless';
import { describe, expect, it } from 'vitest';

import { cut, fit, width } from '../../tui/width.ts';

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
