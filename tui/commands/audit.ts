import type { Run } from '../../shared/run-views.ts';
import { auditNumbers, foundDrift, leftDrift } from '../audit-words.ts';
import { acceptedWords, awaitRuns } from '../await-runs.ts';
import { Unsuccessful } from '../failure.ts';
import { amount } from '../format.ts';
import { type NameOf, callNamed, shopNames } from '../shop-names.ts';
import { runWords, streamWords } from '../words.ts';
import { type Verb, example } from './verb.ts';

interface Options {
  readonly shop?: string;
  readonly repair: boolean;
  readonly wait?: boolean;
}

const words = `
It counts at TikTok and in the store, and reads only what differs over two counts. Without --wait it says what was
accepted. With --wait it ends with what was found, and exits with 0 when all is as at TikTok or was repaired, with 1 when
the run failed, or when something differs that was not repaired: what was found is on stdout all the same.`;

/** What an audit found: its statement, and below it the numbers where something differed. */
const resultLines = (run: Run, nowMs: number, nameOf: NameOf): readonly string[] => {
  const { audit } = run;
  if (audit === undefined) return [runWords(run, nowMs, nameOf)];
  return [
    `${streamWords(run, nameOf)}: ${audit.statement}`,
    ...(foundDrift(audit) ? [`  ${auditNumbers(audit)}, in ${amount(run.requests, 'request')}`] : []),
  ];
};

/** The runs after which something is not as at TikTok. One that did not repair has left all that it found. */
const unrepaired = (runs: readonly Run[], repair: boolean): readonly Run[] =>
  runs.filter(({ audit }) => {
    if (audit === undefined) return false;
    return leftDrift(audit) || (!repair && audit.missing + audit.stale > 0);
  });

export const audit: Verb = (program, session) => {
  program
    .command('audit')
    .argument('[streams...]', 'orders, products, …; default all that can be counted, of all shops')
    .description('Prove that nothing is missing and nothing is stale, and repair what is')
    .option('--shop <shop>', 'only this shop, by its id or exact name')
    .option('--no-repair', 'only tell what differs, and store nothing')
    .option('--wait', 'stay until the runs end, and tell what they found')
    .addHelpText('after', `${words}\n${example('audit --wait', 'audit orders --no-repair --wait')}`)
    .action(async (streams: string[], { wait, repair, ...where }: Options) => {
      const params = { ...(streams.length > 0 && { stream: streams }), ...where, ...(!repair && { repair }) };
      const { result: started, shops } = await callNamed(session, 'everything', 'audit', params);
      const nameOf = shopNames(shops);
      if (wait !== true) {
        session.print(started, (safe) => acceptedWords(safe, nameOf));
        return;
      }
      const runs = await awaitRuns(session, started, nameOf);
      session.print({ runs }, (safe) => safe.runs.flatMap((run) => resultLines(run, session.host.now(), nameOf)));
      const left = unrepaired(runs, repair);
      if (left.length === 0) return;
      const names = left.map((run) => streamWords(run, nameOf)).join(', ');
      const cure = repair ? 'run it again: it cuts the spans elsewhere' : 'without --no-repair it is repaired';
      throw new Unsuccessful(`drift was found and not repaired: ${names} (${cure})`);
    });
};
