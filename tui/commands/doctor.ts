import type { Examined } from '../../shared/examined.ts';
import type { Finding } from '../doctor/finding.ts';
import { Unsuccessful } from '../failure.ts';
import { plainTable } from '../plain-table.ts';
import type { Session } from '../session.ts';
import type { Paint } from '../theme.ts';
import { type Verb, example } from './verb.ts';

const masked = '********';

/** Each value in force, secrets masked. */
const valuesOf = ({ values, secrets }: Examined) => [
  ...values,
  ...secrets.map(({ name, origin }) => ({
    key: name,
    value: origin === null ? '–' : masked,
    origin: origin ?? 'nowhere',
  })),
];

const checkLine = ({ ok, name, detail, cure }: Finding, paint: Paint): string =>
  `${ok ? paint('good', 'ok  ') : paint('bad', 'FAIL')}  ${name}: ${detail}${cure === undefined ? '' : `; ${cure}`}`;

const examineAll = async (session: Session, config: string | undefined) => {
  const { diagnose } = await import('../doctor/diagnose.ts');
  return await diagnose(session, config);
};

const words = `
Without a daemon it looks at what a start in this environment would find; with one it asks that as well. It changes
nothing. Exit status 1 when a check fails: the report is on stdout all the same.`;

export const doctor: Verb = (program, session) => {
  program
    .command('doctor')
    .description('Look at configuration, sockets, state folder, database, clock and daemon, and tell what to do')
    .option('--config <file>', 'the configuration to look at instead of the one that is found')
    .addHelpText('after', `${words}\n${example('doctor')}`)
    .action(async ({ config }: { readonly config?: string }) => {
      const { checks, found } = await examineAll(session, config);
      const values = found === undefined ? [] : valuesOf(found);
      const failed = checks.filter(({ ok }) => !ok);
      session.print({ ok: failed.length === 0, checks, config: { file: found?.file ?? null, values } }, (safe) => [
        ...plainTable(
          [
            { title: 'KEY', cell: ({ key }) => key },
            { title: 'VALUE', cell: ({ value }) => value, whole: true },
            { title: 'FROM', cell: ({ origin }) => origin, whole: true },
          ],
          safe.config.values,
          session.paint,
        ),
        '',
        ...safe.checks.map((check) => checkLine(check, session.paint)),
      ]);
      if (failed.length === 0) return;
      const names = [...new Set(failed.map(({ name }) => name))].join(', ');
      throw new Unsuccessful(`${failed.length} of ${checks.length} checks failed: ${names}`);
    });
};
