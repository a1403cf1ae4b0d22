import type { Result } from '../../shared/contract.ts';
import { instant } from '../format.ts';
import { type Verb, example } from './verb.ts';

type Why = Result<'orders.why'>;

const verdicts: Readonly<Record<Why['verdict'], string>> = {
  stored: 'stored',
  rejected: 'set aside: it could not be stored',
  not_covered: 'not stored yet: its time is not covered',
  not_at_remote: 'not there: the API knows no such order',
  missed: 'missed: its time is covered and it is not stored; run shopsync full-resync, and report it',
};

const readWords = (covered: Why['covered']): string =>
  covered === null
    ? 'no run has read its span yet'
    : `its span was last read by run ${covered.runId} ${instant(covered.at)}${covered.whole ? '' : ', too early to count as covered'}`;

const lines = (id: string, why: Why): readonly string[] => [
  `${id}  ${verdicts[why.verdict]}${why.shop === null ? '' : `  shop ${why.shop}`}`,
  ...(why.firstSeenAt === undefined ? [] : [`first seen ${instant(why.firstSeenAt)}`]),
  ...(why.changedAt === undefined ? [] : [`last changed ${instant(why.changedAt)} by run ${why.runId ?? 'unknown'}`]),
  ...(why.rejected === undefined ? [] : [`set aside ${instant(why.rejected.seenAt)}: ${why.rejected.reason}`]),
  ...(why.updateTime === null ? [] : [`its update_time is ${instant(why.updateTime)}`, readWords(why.covered)]),
  ...why.events.map((event) => `${event.status} since ${instant(event.updateTime)}, seen ${instant(event.seenAt)}`),
];

export const ordersWhy: Verb = (program, session) => {
  program
    .command('why')
    .argument('<id>')
    .description('Why an order is, or is not, in the store')
    .option('--shop <shop>', 'only this shop, by its id or exact name')
    .addHelpText('after', example('orders why 576460000000000101'))
    .action(async (id: string, options: { readonly shop?: string }) => {
      const why = await session.ask('orders.why', { id, ...options });
      session.print(why, (safe) => lines(id, safe));
    });
};
