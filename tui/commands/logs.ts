import { Option } from 'commander';

import type { LineLevel, LogLine } from '../../shared/views.ts';
import { cleanAll, json } from '../clean.ts';
import { LogTail, lineLevels, mostLines } from '../log-tail.ts';
import { logWords } from '../log-words.ts';
import { sayLost, stay } from '../stay.ts';
import { typedCount } from '../times.ts';
import { type Verb, example } from './verb.ts';

interface Options {
  readonly lines: number;
  readonly level?: LineLevel;
  readonly follow?: boolean;
}

const words = `
With --json: one document, {"lines": […]}; with --follow as well, each line is a document. --follow goes on when the
daemon stops, and picks up again when that is back; Ctrl-C ends it (exit status 0).`;

export const logs: Verb = (program, session) => {
  program
    .command('logs')
    .description("The newest lines of the daemon's log, oldest first")
    .addOption(
      new Option('-n, --lines <number>', `how many, 1 to ${mostLines}`)
        .argParser((text) => typedCount('--lines', text, mostLines))
        .default(100),
    )
    .addOption(new Option('--level <level>', 'only lines of this level and above').choices(lineLevels))
    .option('-f, --follow', 'go on with what is logged from now on')
    .addHelpText('after', `${words}\n${example('logs --follow --level warn')}`)
    .action(async ({ lines, level, follow }: Options) => {
      const { host, options, paint } = session;
      if (follow !== true) {
        const result = await session.ask('logs', { lines, ...(level && { level }) });
        session.print(result, (safe) => safe.lines.map((line) => logWords(line, paint)));
        return;
      }
      const tail = new LogTail({
        lines,
        level,
        print: (line: LogLine) =>
          void host.stdout.write(`${options.json === true ? json(line) : logWords(cleanAll(line), paint)}\n`),
        missed: (count) => void host.stderr.write(`shopsync: ${count} lines were missed\n`),
      });
      await stay(session, {
        topics: ['logs'],
        onEvent: (event) => tail.hear(event),
        onState: sayLost(session),
        onUp: (client) => tail.catchUp(client),
      });
    });
};
