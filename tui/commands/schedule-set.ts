import { Argument, type Command } from 'commander';

import type { ScheduleSet } from '../../shared/schedule-views.ts';
import { UsageError } from '../failure.ts';
import { scheduleReport } from '../schedule-report.ts';
import { callNamed } from '../shop-names.ts';
import { type Verb, example } from './verb.ts';

/** `true` or `false`, null as it is. Throws UsageError. */
const truth = (value: string | null): boolean | null => {
  if (value === null) return null;
  if (value === 'true' || value === 'on') return true;
  if (value === 'false' || value === 'off') return false;
  throw new UsageError(`adaptive is true or false, or default, not "${value}"`);
};

type Setting = (value: string | null) => ScheduleSet;

/** Every key as in the section `schedule` of the configuration, with what to ask the daemon for. */
const settings: Readonly<Record<string, Setting>> = {
  orders: (orders) => ({ orders }),
  products: (products) => ({ products }),
  analytics: (analytics) => ({ analytics }),
  returns: (returns) => ({ returns }),
  cancellations: (cancellations) => ({ cancellations }),
  statements: (statements) => ({ statements }),
  full: (full) => ({ full }),
  audit: (audit) => ({ audit }),
  quiet_hours: (quietHours) => ({ quietHours }),
  adaptive: (value) => ({ adaptive: truth(value) }),
  time_zone: (timeZone) => ({ timeZone }),
};

const words = `
Keys: a stream, full or audit takes a cron pattern in quotes, or off; quiet_hours takes HH:MM-HH:MM, or off; adaptive
takes true or false; time_zone takes an IANA name. default takes back what was set: the configuration holds again.
It holds at once, for all shops, and over restarts. Prints the schedule that comes of it.`;

export const scheduleSet: Verb = (group, session) => {
  group
    .command('set')
    .addArgument(new Argument('<key>', 'what to change').choices(Object.keys(settings)))
    .argument('<value>', 'its value, or default')
    .allowExcessArguments()
    .description('Change when runs start by themselves, at once and over restarts')
    .addHelpText(
      'after',
      `${words}\n${example('schedule set orders "*/5 * * * *"', 'schedule set quiet_hours 22:00-06:00', 'schedule set adaptive default')}`,
    )
    .action(async (key: string, value: string, _options: unknown, { args }: Command) => {
      // Without quotes a pattern becomes many words, and the shell makes names of files of its asterisks.
      if (args.length > 2) {
        throw new UsageError(
          `too many words: a cron pattern stands in quotes, as in shopsync schedule set ${key} "*/5 * * * *"`,
        );
      }
      const params = settings[key]?.(value === 'default' ? null : value) ?? {};
      const { result, shops } = await callNamed(session, 'everything', 'schedule.set', params);
      session.print(result, (safe) => scheduleReport(safe, shops, session.host.now(), session.paint));
    });
};
