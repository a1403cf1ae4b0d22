import { statusReport } from '../status-report.ts';
import { type Verb, example } from './verb.ts';

export const status: Verb = (program, session) => {
  program
    .command('status')
    .description('Shops, streams, runs under way, API budget and store')
    .addHelpText('after', example('status'))
    .action(async () => {
      const { result, path, readOnly } = await session.over('reading', async (reached) => ({
        ...reached,
        result: await reached.client.call('status', {}, session.patience('reading')),
      }));
      const where = readOnly ? `${path} (read only)` : path;
      const { stdout, now } = session.host;
      session.print(result, (safe) =>
        statusReport(safe, where, now(), session.paint, stdout.isTTY ? stdout.columns : undefined),
      );
    });
};
