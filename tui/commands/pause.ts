import { instant } from '../format.ts';
import { type Verb, example } from './verb.ts';

export const pause: Verb = (program, session) => {
  program
    .command('pause')
    .description('Nothing starts by itself any more, also after a restart; what a person asks for runs')
    .addHelpText('after', example('pause'))
    .action(async () => {
      const result = await session.tell('pause');
      session.print(result, ({ pausedAt }) => [
        `Paused${pausedAt === null ? '' : ` since ${instant(pausedAt)}`}. Runs under way go on: shopsync cancel stops them. To go on: shopsync resume`,
      ]);
    });
};
