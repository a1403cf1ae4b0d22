import type { Schedule, Status } from '../../shared/views.ts';
import { instant, until } from '../format.ts';
import { type PlainColumn, plainTable } from '../plain-table.ts';
import { callNamed, idAndName } from '../shop-names.ts';
import { type Verb, example } from './verb.ts';

const columns = (shops: Status['shops'], nowMs: number): readonly PlainColumn<Schedule>[] => [
  { title: 'SHOP', cell: ({ shop }) => idAndName(shops, shop) },
  { title: 'STREAM', cell: ({ stream }) => stream },
  { title: 'CRON', cell: ({ pattern }) => pattern ?? 'off' },
  { title: 'TIME ZONE', cell: ({ timeZone }) => timeZone },
  { title: 'NEXT RUN', cell: ({ nextRunAt }) => (nextRunAt === null ? '–' : instant(nextRunAt)) },
  { title: 'IN', cell: ({ nextRunAt }) => (nextRunAt === null ? '' : until(nextRunAt, nowMs).replace(/^in /, '')) },
  { title: 'WHY', cell: ({ reason }) => reason ?? '' },
];

export const schedule: Verb = (program, session) => {
  program
    .command('schedule')
    .description('When each stream runs next by itself, and why')
    .addHelpText('after', example('schedule'))
    .action(async () => {
      const { result, shops } = await callNamed(session, 'reading', 'schedule.get');
      const nowMs = session.host.now();
      session.print(result, ({ pausedAt, schedules }) => [
        ...(pausedAt === null
          ? []
          : [session.paint('waiting', `Paused since ${instant(pausedAt)}; to go on: shopsync resume`)]),
        ...(schedules.length === 0
          ? ['No shop is known yet.']
          : plainTable(columns(shops, nowMs), schedules, session.paint)),
      ]);
    });
};
