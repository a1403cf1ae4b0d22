import { acceptedWords, awaitRuns } from '../await-runs.ts';
import { callNamed, shopNames } from '../shop-names.ts';
import { typedInstant } from '../times.ts';
import { runWords } from '../words.ts';
import { type Verb, example } from './verb.ts';

interface Options {
  readonly shop?: string;
  readonly from?: string | number;
  readonly to?: string | number;
  readonly wait?: boolean;
}

export const sync: Verb = (program, session) => {
  program
    .command('sync')
    .argument('[streams...]', 'orders, products, …; default all, of all shops')
    .description('Fetch what is new')
    .option('--shop <shop>', 'only this shop, by its id or exact name')
    .option('--from <time>', 're-read a span of update_time and touch nothing else: its beginning', typedInstant)
    .option('--to <time>', 'its end', typedInstant)
    .option('--wait', 'stay until the runs end, and tell how')
    .addHelpText('after', example('sync orders --wait'))
    .action(async (streams: string[], { wait, ...span }: Options) => {
      const params = { ...(streams.length > 0 && { stream: streams }), ...span };
      const { result: started, shops } = await callNamed(session, 'everything', 'sync', params);
      const nameOf = shopNames(shops);
      if (wait !== true) {
        session.print(started, (safe) => acceptedWords(safe, nameOf));
        return;
      }
      const runs = await awaitRuns(session, started, nameOf);
      session.print({ runs }, (safe) => safe.runs.map((run) => runWords(run, session.host.now(), nameOf)));
    });
};
