import type { Key } from 'ink';
import { expect, it } from 'vitest';

import { commandFor, keyName, keymap, keysOf } from '../../tui/keys.ts';

const none: Key = {
  upArrow: false,
  downArrow: false,
  leftArrow: false,
  rightArrow: false,
  pageDown: false,
  pageUp: false,
  home: false,
  end: false,
  return: false,
  escape: false,
  ctrl: false,
  shift: false,
  tab: false,
  backspace: false,
  delete: false,
  meta: false,
  super: false,
  hyper: false,
  capsLock: false,
  numLock: false,
};

it('splits what was typed ahead', () => expect(keysOf('ss\rF', none)).toEqual(['s', 's', 'return', 'F']));
it('knows the special keys', () => {
  expect(keysOf('', { ...none, escape: true })).toEqual(['escape']);
  expect(keysOf('', { ...none, return: true })).toEqual(['return']);
  expect(keysOf('c', { ...none, ctrl: true })).toEqual(['ctrl+c']);
});
it('takes no key with Alt for the key alone', () => expect(keysOf('q', { ...none, meta: true })).toEqual([]));
it('gives every key one command', () => {
  const keys = keymap.flatMap((binding) => binding.keys);
  expect(new Set(keys).size).toBe(keys.length);
  for (const { keys: own, command } of keymap) for (const key of own) expect(commandFor(key)).toBe(command);
});
it('names keys as people do', () => expect(['q', 'escape', 'ctrl+c'].map(keyName)).toEqual(['q', 'Esc', 'Ctrl-C']));
