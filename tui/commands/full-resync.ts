import type { Params } from '../../shared/contract.ts';
import type { Estimate } from '../../shared/views.ts';
import { acceptedWords, awaitRuns } from '../await-runs.ts';
import { estimateWords, leftOutWords } from '../estimate-words.ts';
import { Unsuccessful } from '../failure.ts';
import { goingOnWords } from '../going-on-words.ts';
import { isConversation } from '../host.ts';
import { confirm } from '../prompt.ts';
import type { Session } from '../session.ts';
import { callNamed, shopNames } from '../shop-names.ts';
import { typedInstant } from '../times.ts';
import { runWords } from '../words.ts';
import { type Verb, example } from './verb.ts';

interface Options {
  readonly shop?: string;
  readonly since?: string | number;
  readonly yes?: boolean;
  readonly wait?: boolean;
  readonly dryRun?: boolean;
  readonly anew?: boolean;
}

const estimateOf = async (session: Session, params: Params<'fullResync'>): Promise<{ readonly estimate: Estimate }> => {
  const answer = await session.tell('fullResync', { ...params, dryRun: true });
  if ('estimate' in answer) return answer;
  throw new Unsuccessful('the daemon answered the question for an estimate with something else');
};

const start = async (session: Session, params: Params<'fullResync'>) => {
  const { result, shops } = await callNamed(session, 'everything', 'fullResync', params);
  if ('runs' in result) return { started: result, nameOf: shopNames(shops) };
  throw new Unsuccessful('the daemon answered with an estimate, and started nothing');
};

export const fullResync: Verb = (program, session) => {
  program
    .command('full-resync')
    .argument('[streams...]', 'orders, products, …; default all, of all shops')
    .description('Read everything again since a date; asks first on a terminal')
    .option('--shop <shop>', 'only this shop, by its id or exact name')
    .option('--since <time>', 'default sync.since of the configuration', typedInstant)
    .option('--anew', 'read again also what one of the last day has read that did not end')
    .option('--dry-run', 'only the estimate')
    .option('--yes', 'do not ask')
    .option('--wait', 'stay until the runs end, and tell how')
    .addHelpText('after', example('full-resync orders --since 2026-01-01 --wait'))
    .action(async (streams: string[], { wait, yes, dryRun, ...span }: Options) => {
      const params = { ...(streams.length > 0 && { stream: streams }), ...span };
      const estimate = await estimateOf(session, params);
      const words = estimateWords(estimate.estimate).join(', ');
      const before = [...goingOnWords(estimate.estimate, session.host.now()), ...leftOutWords(estimate.estimate)];
      if (dryRun === true) {
        session.print(estimate, () => [...before, `A full resync would read ${words}.`]);
        return;
      }
      const asks = isConversation(session.host) && yes !== true;
      if (
        asks &&
        !(await session.within(
          confirm(session.host, [...before, `This reads ${words}. Start it?`].join('\n'), session.signal),
        ))
      ) {
        throw new Unsuccessful('nothing was started');
      }
      const said = asks ? [] : [...before, `This reads ${words}.`];
      const { started, nameOf } = await start(session, params);
      if (wait !== true) {
        session.print(started, (safe) => [...said, ...acceptedWords(safe, nameOf)]);
        return;
      }
      // Beside the progress, since the result comes only when the run has ended.
      for (const line of said) session.host.stderr.write(`${line}\n`);
      const runs = await awaitRuns(session, started, nameOf);
      session.print({ runs }, (safe) => safe.runs.map((run) => runWords(run, session.host.now(), nameOf)));
    });
};
