import type { Topic } from '../../shared/views.ts';
import { cleanAll, json } from '../clean.ts';
import { Link } from '../link.ts';
import { Narrator } from '../narrator.ts';
import type { Reached } from '../reach.ts';
import { type Verb, example } from './verb.ts';

const topics: readonly Topic[] = ['runs', 'progress', 'counts', 'api'];

export const watch: Verb = (program, session) => {
  program
    .command('watch')
    .description('A line for each thing that happens, for logs; --json prints the events, one a line')
    .addHelpText('after', example('watch'))
    .action(async () => {
      const { host, options } = session;
      const narrator = new Narrator(host.now);
      const say = (lines: readonly string[]): void => {
        const time = `${new Date(host.now()).toISOString().slice(0, 19)}Z`;
        for (const line of lines) host.stdout.write(`${time} ${line}\n`);
      };
      const leave = new AbortController();
      const forget = host.onInterrupt(() => leave.abort());
      // Without a daemon at the beginning it is a failure; one that goes away later is waited for.
      let first: Reached | undefined = await session.open('reading');
      const link = new Link({
        reach: async () => {
          const reached = first ?? (await session.open('reading'));
          first = undefined;
          return reached;
        },
        topics,
        onEvent: (event) => {
          if (options.json === true) host.stdout.write(`${json(event)}\n`);
          else say(narrator.event(cleanAll(event)));
        },
        onState: (state) => {
          if (options.json !== true) say(narrator.link(state));
        },
        onUp: async () => {},
        now: host.now,
        signal: AbortSignal.any([session.signal, leave.signal]),
      });
      try {
        await session.within(link.run());
      } finally {
        forget();
      }
    });
};
