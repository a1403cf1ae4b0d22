import type { Schedule, ScheduleSet, Schedules } from '../shared/schedule-views.ts';
import type { Status } from '../shared/views.ts';
import { instant, until } from './format.ts';
import { type PlainColumn, plainTable } from './plain-table.ts';
import { idAndName } from './shop-names.ts';
import type { Paint } from './theme.ts';

/** What is new is fetched by a sync; the other kinds have the names that they have in the history. */
const kindWord = ({ kind = 'incremental' }: Partial<Schedule>): string => (kind === 'incremental' ? 'sync' : kind);

const cronWord = ({ pattern, kind }: Schedule): string => pattern ?? (kind === 'recheck' ? 'daily' : 'off');

const columns = (shops: Status['shops'], nowMs: number): readonly PlainColumn<Schedule>[] => [
  { title: 'SHOP', cell: ({ shop }) => idAndName(shops, shop) },
  { title: 'STREAM', cell: ({ stream }) => stream },
  { title: 'KIND', cell: kindWord },
  { title: 'CRON', cell: cronWord },
  { title: 'TIME ZONE', cell: ({ timeZone }) => timeZone },
  { title: 'NEXT RUN', cell: ({ nextRunAt }) => (nextRunAt === null ? '–' : instant(nextRunAt)) },
  { title: 'IN', cell: ({ nextRunAt }) => (nextRunAt === null ? '' : until(nextRunAt, nowMs).replace(/^in /, '')) },
  { title: 'WHY', cell: ({ reason }) => reason ?? '', whole: true },
];

const snake = (key: string): string => key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** `quiet_hours 22:00-05:00, adaptive false`; empty where nothing was set. */
const setWords = (set: ScheduleSet): string =>
  Object.entries(set)
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([key, value]) => `${snake(key)} ${String(value)}`)
    .join(', ');

const adaptiveWords = 'Adaptive: orders are fetched more often while they arrive, and less often while they do not.';
const exactWords = 'Not adaptive: each stream runs exactly by its cron.';

const quietWords = (quietHours: string | null): string =>
  quietHours === null
    ? 'No quiet hours: heavy work may start at any time.'
    : `Heavy work waits for the quiet hours ${quietHours}, in the time zone of the shop.`;

/** A daemon that still runs from before an upgrade may tell less. */
type Told = Pick<Schedules, 'pausedAt' | 'schedules'> & Partial<Schedules>;

/**
 * The schedule for people: whether it is paused, what it goes by, what of that was set by hand, and every next run with
 * its reason. `nowMs` is in unix milliseconds.
 */
export const scheduleReport = (
  { pausedAt, adaptive, quietHours, set = {}, schedules }: Told,
  shops: Status['shops'],
  nowMs: number,
  paint: Paint,
): readonly string[] => {
  const byHand = setWords(set);
  const way = adaptive === true ? adaptiveWords : exactWords;
  return [
    ...(pausedAt === null ? [] : [paint('waiting', `Paused since ${instant(pausedAt)}; to go on: shopsync resume`)]),
    ...(adaptive === undefined ? [] : [way]),
    ...(quietHours === undefined ? [] : [quietWords(quietHours)]),
    ...(byHand === '' ? [] : [`Set by hand: ${byHand}; to take one back: shopsync schedule set KEY default`]),
    ...(schedules.length === 0
      ? ['No shop is known yet.']
      : ['', ...plainTable(columns(shops, nowMs), schedules, paint)]),
  ];
};
