import { createHash } from 'node:crypto';

import type { RunKind } from '../../shared/run-views.ts';
import type { Config } from '../config/load.ts';

/** The section `schedule` of the configuration, with what a person has set over it. */
export type ScheduleRules = Config['schedule'];

/** Work that waits for the quiet hours, in the order in which it begins when several are due. */
export const nightKinds = ['full', 'recheck', 'audit'] as const satisfies readonly RunKind[];
export type NightKind = (typeof nightKinds)[number];

/** Where the rules in force come from. */
export interface ScheduleSource {
  readonly rules: ScheduleRules;
  /** Local milliseconds at which a person changed that rule, if one did. */
  readonly changedAt?: (rule: keyof ScheduleRules) => number | undefined;
}

/** Nothing starts but what is asked for. */
export const byHand: ScheduleRules = {
  orders: null,
  products: null,
  analytics: null,
  returns: null,
  cancellations: null,
  statements: null,
  full: null,
  audit: null,
  quietHours: null,
  adaptive: false,
  timeZone: null,
};

/** When open records are read again where there are no quiet hours, clock time. */
const usualRecheck = '0 3 * * *';

/** Cron pattern by which heavy work falls due; open records are read again when the quiet hours begin. */
export function nightPattern(kind: NightKind, { full, audit, quietHours }: ScheduleRules): string | null {
  if (kind === 'full') return full;
  if (kind === 'audit') return audit;
  if (quietHours === null) return usualRecheck;
  return `${quietHours.fromMinute % 60} ${Math.floor(quietHours.fromMinute / 60)} * * *`;
}

/** 0 to 1, always the same for the same words: jitter that does not move when it is asked for again. */
export const phaseOf = (...words: readonly string[]): number =>
  createHash('sha256').update(words.join('/')).digest().readUInt32BE(0) / 2 ** 32;

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
/** Of a daily quota, what runs between the ticks may take, at a request each. */
const liveShare = 0.1;

/** Runs between the ticks are at least so far apart, milliseconds. @param perDay requests, null without a quota. */
export const leastBetweenMs = (perDay: number | null): number =>
  perDay === null ? minuteMs : Math.min(60 * minuteMs, Math.max(minuteMs, Math.ceil(dayMs / (liveShare * perDay))));
