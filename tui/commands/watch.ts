import type { Topic } from '../../shared/views.ts';
import { cleanAll, json } from '../clean.ts';
import { Narrator } from '../narrator.ts';
import { sayLost, stay } from '../stay.ts';
import { type Verb, example } from './verb.ts';

const topics: readonly Topic[] = ['runs', 'progress', 'counts', 'api'];

const words = `
It goes on when the daemon stops, and picks up again when that is back. Ctrl-C ends it (exit status 0); without a daemon
at the beginning it ends at once (2).`;

export const watch: Verb = (program, session) => {
  program
    .command('watch')
    .description('A line for each thing that happens, for logs; --json prints the events, one a line')
    .addHelpText('after', `${words}\n${example('watch')}`)
    .action(async () => {
      const { host, options } = session;
      const narrator = new Narrator(host.now);
      const say = (lines: readonly string[]): void => {
        const time = `${new Date(host.now()).toISOString().slice(0, 19)}Z`;
        for (const line of lines) host.stdout.write(`${time} ${line}\n`);
      };
      const raw = options.json === true;
      await stay(session, {
        topics,
        onEvent: (event) => {
          if (raw) host.stdout.write(`${json(event)}\n`);
          else say(narrator.event(cleanAll(event)));
        },
        onState: raw ? sayLost(session) : (state) => say(narrator.link(state)),
      });
    });
};
