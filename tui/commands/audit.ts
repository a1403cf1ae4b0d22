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

/** What is not proved by these runs, and what to do about it; undefined when all is. */
function notProved(runs: readonly Run[], repair: boolean, nameOf: NameOf): string | undefined {
  const left = runs.filter(({ audit }) => audit !== undefined && leftDrift(audit));
  const names = (of: readonly Run[]): string => of.map((run) => streamWords(run, nameOf)).join(', ');
  const unread = left.filter(({ audit }) => audit?.whole === false);
  const differ = left.filter(({ audit }) => audit?.whole !== false);
  const cure = repair ? 'run it again: it cuts the spans elsewhere' : 'without --no-repair it is repaired';
  const words = [
    ...(differ.length === 0 ? [] : [`drift was found and not repaired: ${names(differ)} (${cure})`]),
    ...(unread.length === 0
      ? []
      : [`only a part was compared: ${names(unread)} (audit again when everything has been read once)`]),
  ];
  return words.length === 0 ? undefined : words.join('; ');
}

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
      const left = notProved(runs, repair, nameOf);
      if (left !== undefined) throw new Unsuccessful(left);
    });
};
