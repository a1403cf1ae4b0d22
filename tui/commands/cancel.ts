import { amount } from '../format.ts';
import { type Verb, example } from './verb.ts';

export const cancel: Verb = (program, session) => {
  program
    .command('cancel')
    .argument('[run]', 'a run id; default all that are under way')
    .description('Stop a run, or all of them, at the edge of a page; what was read stays')
    .addHelpText('after', example('cancel'))
    .action(async (runId: string | undefined) => {
      const result = await session.tell('cancel', runId === undefined ? {} : { runId });
      session.print(result, ({ runs }) =>
        runs.length === 0
          ? ['Nothing was running.']
          : runs.map((run) => `${run.stream} ${run.kind} run ${run.runId} stops after ${amount(run.seen, 'record')}`),
      );
    });
};
