import type { Params, Result } from '../../shared/contract.ts';
import { acceptedWords, awaitRuns } from '../await-runs.ts';
import { Unsuccessful } from '../failure.ts';
import { duration, number } from '../format.ts';
import { isConversation } from '../host.ts';
import { confirm } from '../prompt.ts';
import type { Session } from '../session.ts';
import { typedInstant } from '../times.ts';
import { runWords } from '../words.ts';
import { type Verb, example } from './verb.ts';

interface Options {
  readonly shop?: string;
  readonly since?: string | number;
  readonly yes?: boolean;
  readonly wait?: boolean;
  readonly dryRun?: boolean;
}

type Estimate = Extract<Result<'fullResync'>, { estimate: unknown }>;

const estimateWords = ({ estimate: { requests, seconds, orders } }: Estimate): string =>
  `${number(orders)} orders in ${number(requests)} requests, about ${duration(seconds)} at the present rate`;

const estimateOf = async (session: Session, params: Params<'fullResync'>): Promise<Estimate> => {
  const answer = await session.tell('fullResync', { ...params, dryRun: true });
  if ('estimate' in answer) return answer;
  throw new Unsuccessful('the daemon answered the question for an estimate with something else');
};

const start = async (session: Session, params: Params<'fullResync'>) => {
  const answer = await session.tell('fullResync', params);
  if ('runs' in answer) return answer;
  throw new Unsuccessful('the daemon answered with an estimate, and started nothing');
};

export const fullResync: Verb = (program, session) => {
  program
    .command('full-resync')
    .argument('[streams...]', 'orders, products, …; default all')
    .description('Read everything again since a date; asks first on a terminal')
    .option('--shop <id>', 'only this shop')
    .option('--since <time>', 'default sync.since of the configuration', typedInstant)
    .option('--dry-run', 'only the estimate')
    .option('--yes', 'do not ask')
    .option('--wait', 'stay until the runs end, and tell how')
    .addHelpText('after', example('full-resync orders --since 2026-01-01 --wait'))
    .action(async (streams: string[], { wait, yes, dryRun, ...span }: Options) => {
      const params = { ...(streams.length > 0 && { stream: streams }), ...span };
      const estimate = await estimateOf(session, params);
      const words = estimateWords(estimate);
      if (dryRun === true) {
        session.print(estimate, () => [`A full resync would read ${words}.`]);
        return;
      }
      const asks = isConversation(session.host) && yes !== true;
      if (asks && !(await session.within(confirm(session.host, `This reads ${words}. Start it?`, session.signal)))) {
        throw new Unsuccessful('nothing was started');
      }
      const said = asks ? [] : [`This reads ${words}.`];
      const started = await start(session, params);
      if (wait !== true) {
        session.print(started, (safe) => [...said, ...acceptedWords(safe)]);
        return;
      }
      // Beside the progress, since the result comes only when the run has ended.
      for (const line of said) session.host.stderr.write(`${line}\n`);
      const runs = await awaitRuns(session, started);
      session.print({ runs }, (safe) => safe.runs.map((run) => runWords(run, session.host.now())));
    });
};
