import { scheduleReport } from '../schedule-report.ts';
import { callNamed } from '../shop-names.ts';
import { takesOneOfItsOwn } from './group.ts';
import { scheduleSet } from './schedule-set.ts';
import { type Verb, example } from './verb.ts';

const words = `
Each next run has its reason. Kinds: sync fetches what is new; recheck asks for open orders again, audit compares with
TikTok, full reads everything again: heavy work, for the quiet hours. What runs by itself can be changed at once, and
over restarts: see shopsync schedule set --help. shopsync pause stops all of it.`;

export const schedule: Verb = (program, session) => {
  const group = program
    .command('schedule')
    .description('When each stream runs next by itself, and why')
    .argument('[command]')
    .usage('[options] [set KEY VALUE]')
    .addHelpText('after', `${words}\n${example('schedule', 'schedule set quiet_hours 22:00-06:00')}`);
  scheduleSet(group, session);
  takesOneOfItsOwn(group, async () => {
    const { result, shops } = await callNamed(session, 'reading', 'schedule.get');
    session.print(result, (safe) => scheduleReport(safe, shops, session.host.now(), session.paint));
  });
};
