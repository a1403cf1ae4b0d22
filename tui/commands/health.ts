import { Unsuccessful } from '../failure.ts';
import { type Verb, example } from './verb.ts';

const words = `
Exit status 0 when every check is well, 1 when one is not: the checks are on stdout all the same. doctor looks further.`;

export const health: Verb = (program, session) => {
  program
    .command('health')
    .description('Whether the daemon does its work, a line for each check')
    .addHelpText('after', `${words}\n${example('health')}`)
    .action(async () => {
      const result = await session.ask('health');
      const { paint } = session;
      session.print(result, ({ checks }) =>
        checks.map(
          ({ name, ok, detail }) => `${ok ? paint('good', 'ok  ') : paint('bad', 'FAIL')}  ${name}: ${detail}`,
        ),
      );
      const failed = result.checks.filter(({ ok }) => !ok).map(({ name }) => name);
      if (!result.ok) {
        throw new Unsuccessful(`${failed.length} of ${result.checks.length} checks failed: ${failed.join(', ')}`);
      }
    });
};
