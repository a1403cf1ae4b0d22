import type { Key } from 'ink';

import { split } from './width.ts';

export type KeyCommand = 'sync' | 'fullResync' | 'cancel' | 'reconnect' | 'help' | 'back' | 'quit';

export interface Binding {
  readonly keys: readonly string[];
  readonly command: KeyCommand;
  /** One or two words for the bottom line; without them it stands only in the help. */
  readonly hint?: string;
  readonly help: string;
}

/** Every key of the screen. The bottom line and the help are made of it. */
export const keymap: readonly Binding[] = [
  { keys: ['s'], command: 'sync', hint: 'sync', help: 'Fetch what is new, in every stream' },
  {
    keys: ['F'],
    command: 'fullResync',
    hint: 'full resync',
    help: 'Read everything again; shows the cost and asks first',
  },
  { keys: ['c'], command: 'cancel', hint: 'cancel', help: 'Stop what is under way; asks first' },
  { keys: ['r'], command: 'reconnect', hint: 'reconnect', help: 'Connect to the daemon again, now' },
  { keys: ['?'], command: 'help', hint: 'help', help: 'Show or hide this' },
  { keys: ['q', 'ctrl+c'], command: 'quit', hint: 'quit', help: 'Leave the screen; the daemon keeps running' },
  { keys: ['escape'], command: 'back', help: 'One level back; never leaves the screen' },
];

export const commandFor = (key: string): KeyCommand | undefined =>
  keymap.find(({ keys }) => keys.includes(key))?.command;

/** A key as the help writes it. */
export const keyName = (key: string): string =>
  key === 'escape' ? 'Esc' : key.startsWith('ctrl+') ? `Ctrl-${key.slice(5).toUpperCase()}` : key;

/** The keys in one delivery of the terminal: what was typed ahead comes as one text. */
export const keysOf = (input: string, key: Key): readonly string[] => {
  if (key.escape) return ['escape'];
  if (key.return) return ['return'];
  if (key.ctrl) return input === '' ? [] : [`ctrl+${input}`];
  if (key.meta || key.tab || key.backspace || key.delete) return [];
  return split(input).map((typed) => (typed === '\r' || typed === '\n' ? 'return' : typed));
};
