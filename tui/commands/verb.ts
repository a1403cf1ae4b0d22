import type { Command } from 'commander';

import type { Session } from '../session.ts';

/** One command of the client: it adds itself to the program. */
export type Verb = (program: Command, session: Session) => void;

/** The example at the end of a command's --help. */
export const example = (line: string): string => `\nExample:\n  $ shopsync ${line}`;
