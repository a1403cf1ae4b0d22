import { z } from 'zod';

import { runKind } from './run-views.ts';

/** What is told of the schedule, and what can be changed of it. Times are ISO 8601 UTC. */
const time = z.iso.datetime();

/** Whether runs start by themselves. */
export const pause = z.object({ paused: z.boolean(), pausedAt: time.nullable() });

export const schedule = z.object({
  shop: z.string(),
  stream: z.string(),
  kind: runKind.describe('incremental: what is new; full, recheck, audit: heavy work, for the quiet hours'),
  pattern: z.string().nullable().describe('cron; null: without one'),
  timeZone: z.string().describe('IANA name'),
  nextRunAt: time.nullable(),
  reason: z.string().nullable(),
});

/** A setting as a person writes it, null to take back what was set. */
const setting = (meaning: string) => z.string().nullish().describe(meaning);

/** Keys as in the section `schedule` of the configuration, in camelCase. */
export const scheduleSet = z.strictObject({
  orders: setting('cron pattern, or `off`'),
  products: setting('the same'),
  analytics: setting('the same'),
  returns: setting('the same'),
  cancellations: setting('the same'),
  statements: setting('the same'),
  full: setting('the same'),
  audit: setting('the same'),
  quietHours: setting('HH:MM-HH:MM in the time zone of the shop, or `off`: heavy work may start at any time'),
  adaptive: z.boolean().nullish().describe('false: exactly the cron'),
  timeZone: setting('IANA name'),
});

export const schedules = pause.extend({
  adaptive: z.boolean(),
  quietHours: z.string().nullable(),
  set: scheduleSet.describe('what was changed by schedule.set and stands over the configuration'),
  schedules: z.array(schedule),
});

export type Schedule = z.infer<typeof schedule>;
export type Schedules = z.infer<typeof schedules>;
export type ScheduleSet = z.infer<typeof scheduleSet>;
