import { Command, CommanderError } from 'commander';

import { type ExitStatus, UsageError, exit, exitStatus, oneLine } from './failure.ts';
import type { Host } from './host.ts';
import { describe } from './program.ts';
import { type Globals, Session } from './session.ts';

/** Commander throws for --help and --version as well; those are no failures. */
const fromCommander = (error: CommanderError): unknown => {
  if (error.exitCode === 0) return undefined;
  return new UsageError(`${error.message.replace(/^error: /, '')}; see shopsync --help`);
};

const openScreen = async (session: Session, names: string): Promise<ExitStatus> => {
  const { host } = session;
  if (!host.stdin.isTTY || !host.stdout.isTTY) {
    throw new UsageError(`usage: shopsync COMMAND, one of ${names} (the screen needs a terminal; see --help)`);
  }
  if (host.env['TERM'] === 'dumb') {
    throw new UsageError(
      'usage: shopsync COMMAND: this terminal (TERM=dumb) cannot show the screen; try shopsync watch',
    );
  }
  const { showScreen } = await import('./screen.tsx');
  return await showScreen(session);
};

/** Runs one command line, or the screen, and returns the exit status. A failure is one line on stderr. */
export const main = async (host: Host): Promise<ExitStatus> => {
  const program = new Command();
  const session = new Session(host, () => program.opts<Globals>());
  describe(program, session);
  const names = program.commands.map((command) => command.name()).join(', ');
  let status: ExitStatus = exit.done;
  program
    .hook('preAction', () => session.begin())
    .argument('[command]')
    .action(async (unknown: string | undefined) => {
      if (unknown === 'help') return program.outputHelp();
      if (unknown !== undefined) throw new UsageError(`unknown command "${unknown}": one of ${names}`);
      status = await openScreen(session, names);
    });
  try {
    await program.parseAsync([...host.args], { from: 'user' });
  } catch (thrown) {
    const error = thrown instanceof CommanderError ? fromCommander(thrown) : thrown;
    if (error === undefined) return exit.done;
    host.stderr.write(`shopsync: ${oneLine(error)}\n`);
    return exitStatus(error);
  } finally {
    session.end();
  }
  return status;
};
