import type { Command } from 'commander';

import type { Session } from '../session.ts';

/** One command of the client: it adds itself to the program. */
export type Verb = (program: Command, session: Session) => void;

/** The examples at the end of a command's --help. */
export const example = (...lines: readonly string[]): string =>
  [`\nExample${lines.length === 1 ? '' : 's'}:`, ...lines.map((line) => `  $ shopsync ${line}`)].join('\n');
