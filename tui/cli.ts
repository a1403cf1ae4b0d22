import { Command, CommanderError } from 'commander';

import { meant } from '../shared/nearest.ts';
import { takesOneOfItsOwn } from './commands/group.ts';
import { type ExitStatus, UsageError, exit, exitStatus, oneLine } from './failure.ts';
import type { Host } from './host.ts';
import { describe } from './program.ts';
import { type Globals, Session } from './session.ts';

/** Global options whose value is a word of its own. */
const valued: readonly string[] = ['--socket', '--timeout'];

/** The command that a command line means, as it is typed: `shopsync orders list`. */
const commandOf = (program: Command, args: readonly string[]): string => {
  let command = program;
  let path = program.name();
  for (const [index, word] of args.entries()) {
    if (word.startsWith('-') || valued.includes(args[index - 1] ?? '')) continue;
    const next = command.commands.find((one) => one.name() === word);
    if (next === undefined) break;
    command = next;
    path += ` ${word}`;
  }
  return path;
};

/** Commander throws for --help and --version as well; those are no failures. `command`: the one it was asked for. */
const fromCommander = (error: CommanderError, command: string): unknown => {
  if (error.exitCode === 0) return undefined;
  const words = error.message.replace(/^error: /, '').replace(/\.$/, '');
  const [, word, choices = ''] = /'([^']*)' is invalid.* Allowed choices are (.*)$/s.exec(words) ?? [];
  return new UsageError(`${words}${meant(word, choices.split(', '))}; see ${command} --help`);
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
  program.hook('preAction', () => session.begin()).argument('[command]');
  takesOneOfItsOwn(program, async () => {
    status = await openScreen(session, names);
  });
  try {
    await program.parseAsync([...host.args], { from: 'user' });
  } catch (thrown) {
    const error = thrown instanceof CommanderError ? fromCommander(thrown, commandOf(program, host.args)) : thrown;
    if (error === undefined) return exit.done;
    host.stderr.write(`shopsync: ${oneLine(error)}\n`);
    return exitStatus(error);
  } finally {
    session.end();
  }
  return status;
};
