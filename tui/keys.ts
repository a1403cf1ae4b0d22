import type { Key } from 'ink';

import type { Step } from './place.ts';
import { split } from './width.ts';

export type KeyCommand = 'sync' | 'fullResync' | 'audit' | 'cancel' | 'reconnect' | 'help' | 'back' | 'quit' | Step;

export interface Binding {
  readonly keys: readonly string[];
  readonly command: KeyCommand;
  /** One or two words for the bottom line; without them it stands only in the help. */
  readonly hint?: string;
  /** What stands before the hint, where it is not the first key alone. */
  readonly hintKeys?: string;
  /** Where the bottom line is too short, those with the highest rank are left out of it first. */
  readonly rank?: number;
  readonly help: string;
}

/** Every key of the screen. The bottom line and the help are made of it. */
export const keymap: readonly Binding[] = [
  {
    keys: ['s'],
    command: 'sync',
    hint: 'sync',
    help: 'Fetch what is new, of what is selected or of everything',
  },
  {
    keys: ['F'],
    command: 'fullResync',
    hint: 'full resync',
    help: 'Read everything again, of the same; tells the cost, and asks',
  },
  {
    keys: ['a'],
    command: 'audit',
    hint: 'audit',
    rank: 1,
    help: 'Prove that nothing of it is missing or stale; asks first',
  },
  { keys: ['c'], command: 'cancel', hint: 'cancel', help: 'Stop what is under way, of the same; asks first' },
  { keys: ['up', 'k'], command: 'up', hint: 'select', hintKeys: '↑↓', help: 'Select a stream or a shop, upwards' },
  { keys: ['down', 'j'], command: 'down', help: 'The same, downwards' },
  { keys: ['left', 'h'], command: 'shopBefore', help: 'Select the shop before' },
  { keys: ['right', 'l'], command: 'shopAfter', help: 'Select the next shop' },
  { keys: ['r'], command: 'reconnect', hint: 'reconnect', rank: 2, help: 'Connect to the daemon again, now' },
  { keys: ['?'], command: 'help', hint: 'help', help: 'Show or hide this' },
  { keys: ['q', 'ctrl+c'], command: 'quit', hint: 'quit', help: 'Leave the screen; the daemon keeps running' },
  { keys: ['escape'], command: 'back', help: 'One level back, and nothing selected; never leaves' },
];

export const commandFor = (key: string): KeyCommand | undefined =>
  keymap.find(({ keys }) => keys.includes(key))?.command;

const named: Readonly<Record<string, string>> = { escape: 'Esc', up: '↑', down: '↓', left: '←', right: '→' };

/** A key as the help writes it. */
export const keyName = (key: string): string =>
  named[key] ?? (key.startsWith('ctrl+') ? `Ctrl-${key.slice(5).toUpperCase()}` : key);

/** The keys in one delivery of the terminal: what was typed ahead comes as one text. */
export const keysOf = (input: string, key: Key): readonly string[] => {
  if (key.escape) return ['escape'];
  if (key.return) return ['return'];
  if (key.upArrow) return ['up'];
  if (key.downArrow) return ['down'];
  if (key.leftArrow) return ['left'];
  if (key.rightArrow) return ['right'];
  if (key.ctrl) return input === '' ? [] : [`ctrl+${input}`];
  if (key.meta || key.tab || key.backspace || key.delete) return [];
  return split(input).map((typed) => (typed === '\r' || typed === '\n' ? 'return' : typed));
};
