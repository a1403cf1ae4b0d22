import { Option } from 'commander';

import type { Run, RunKind, RunState } from '../../shared/run-views.ts';
import type { Status } from '../../shared/views.ts';
import { instant, number, took } from '../format.ts';
import { type PlainColumn, plainTable } from '../plain-table.ts';
import { callNamed, idAndName } from '../shop-names.ts';
import { typedLimit } from '../times.ts';
import { runNote, states } from '../words.ts';
import { type Verb, example } from './verb.ts';

const kinds = ['full', 'incremental', 'partial', 'recheck', 'audit', 'webhook'] as const satisfies readonly RunKind[];
const runStates = Object.keys(states);

interface Options {
  readonly stream?: string;
  readonly shop?: string;
  readonly kind?: RunKind;
  readonly state?: RunState;
  readonly limit?: number;
  readonly before?: string;
}

const columns = (shops: Status['shops'], nowMs: number): readonly PlainColumn<Run>[] => [
  { title: 'RUN', cell: (run) => run.runId },
  { title: 'SHOP', cell: (run) => idAndName(shops, run.shop) },
  { title: 'STREAM', cell: (run) => run.stream },
  { title: 'KIND', cell: (run) => run.kind },
  { title: 'TRIGGER', cell: (run) => run.trigger },
  {
    title: 'STATE',
    cell: ({ state }) => `${states[state].symbol} ${state}`,
    meaning: ({ state }) => states[state].meaning,
  },
  { title: 'STARTED', cell: (run) => instant(run.startedAt) },
  { title: 'TOOK', cell: (run) => took(run.startedAt, run.finishedAt, nowMs), align: 'right' },
  { title: 'SEEN', cell: (run) => number(run.seen), align: 'right' },
  { title: 'INSERTED', cell: (run) => number(run.inserted), align: 'right' },
  { title: 'UPDATED', cell: (run) => number(run.updated), align: 'right' },
  { title: 'NOTE', cell: runNote, whole: true },
];

export const history: Verb = (program, session) => {
  program
    .command('history')
    .description('Past and present runs, newest first')
    .option('--stream <name>', 'only this stream')
    .option('--shop <shop>', 'only this shop, by its id or exact name')
    .addOption(new Option('--kind <kind>', 'only this kind of run').choices(kinds))
    .addOption(new Option('--state <state>', 'only runs in this state').choices(runStates))
    .option('--limit <number>', '1 to 500', typedLimit)
    .option('--before <run>', 'go on after this run of the page before')
    .addHelpText('after', example('history --state failed --limit 10', 'history --kind audit'))
    .action(async (options: Options) => {
      const { result, shops } = await callNamed(session, 'reading', 'history', options);
      session.print(result, ({ runs }) => plainTable(columns(shops, session.host.now()), runs, session.paint));
    });
};
