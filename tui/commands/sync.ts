import { acceptedWords, awaitRuns } from '../await-runs.ts';
import { commaSeparated } from '../comma-separated.ts';
import { callNamed, shopNames } from '../shop-names.ts';
import { typedInstant } from '../times.ts';
import { runWords } from '../words.ts';
import { type Verb, example } from './verb.ts';

interface Options {
  readonly shop?: string;
  readonly status?: readonly string[];
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
    .option(
      '--status <status>',
      'read only orders of these and touch nothing else, separated by commas or given again; open: every one that is ' +
        'not completed or cancelled',
      commaSeparated('--status'),
    )
    .option('--from <time>', 're-read a span of update_time and touch nothing else: its beginning', typedInstant)
    .option('--to <time>', 'its end', typedInstant)
    .option('--wait', 'stay until the runs end, and tell how')
    .addHelpText('after', example('sync orders --wait', 'sync orders --status open'))
    .action(async (streams: string[], { wait, status, ...span }: Options) => {
      const params = {
        ...(streams.length > 0 && { stream: streams }),
        ...(status && { statuses: [...status] }),
        ...span,
      };
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
