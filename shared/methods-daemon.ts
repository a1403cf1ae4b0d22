import { z } from 'zod';

import { authorizationCode, longestPaste } from './authorization-code.ts';
import { method, nothing } from './method-row.ts';
import { run } from './run-views.ts';
import { pause, scheduleSet, schedules } from './schedule-views.ts';
import * as view from './views.ts';

/** A code, or the address that has it; inside it is always the code. */
const code = z
  .string()
  .max(longestPaste)
  .transform((pasted, context) => {
    const read = authorizationCode(pasted);
    if ('code' in read) return read.code;
    context.addIssue({ code: 'custom', message: read.problem, input: undefined });
    return z.NEVER;
  })
  .describe('the code, or the whole address that the seller was sent to');

/** The rows of the method table that steer and watch the daemon itself. */
export const daemonMethods = {
  'schedule.get': method({
    summary: 'When each stream runs next by itself, and why then.',
    reads: true,
    params: nothing,
    result: schedules,
    errors: [],
  }),
  'schedule.set': method({
    summary:
      'Change when runs start by themselves, at once and over restarts. null: as the configuration has it. What is left ' +
      'out stays as it is.',
    reads: false,
    params: scheduleSet,
    result: schedules,
    errors: ['store'],
  }),
  pause: method({
    summary:
      'From now on no run starts by itself: no tick, no retry, no first run after a restart. Lasts over restarts. ' +
      'Runs under way go on, and what somebody asks for runs.',
    reads: false,
    params: nothing,
    result: pause,
    errors: ['store'],
  }),
  resume: method({
    summary: 'Undo `pause`. What fell due meanwhile runs now, once.',
    reads: false,
    params: nothing,
    result: pause,
    errors: ['store'],
  }),
  health: method({
    summary: 'Whether the daemon does its work, check by check.',
    reads: true,
    params: nothing,
    result: z.object({ ok: z.boolean(), checks: z.array(view.check) }),
    errors: [],
  }),
  metrics: method({
    summary: 'Counters and gauges as Prometheus text.',
    reads: true,
    params: nothing,
    result: z.object({ text: z.string().describe('text format 0.0.4') }),
    errors: [],
  }),
  logs: method({
    summary: 'The newest lines of the log, oldest first. Follow with `subscribe`, topic `logs`.',
    reads: true,
    params: z.strictObject({
      lines: z.int().min(1).max(1000).default(100).describe('how many at most; 2,000 are kept, of a few MiB'),
      level: view.lineLevel.default('trace').describe('lines of this level and above'),
    }),
    result: z.object({ lines: z.array(view.logLine) }),
    errors: [],
  }),
  'log.setLevel': method({
    summary: 'Change what is logged, at once and until the daemon ends.',
    reads: false,
    params: z.strictObject({ level: view.logLevel.describe('lines of this level and above; `off` for none') }),
    result: z.object({ level: view.logLevel, previous: view.logLevel }),
    errors: [],
  }),
  backup: method({
    summary: 'Write a whole, checked copy of the database to a new file, mode 0600, while work goes on.',
    reads: false,
    params: z.strictObject({ file: z.string().min(1).describe('absolute path; the file must not exist') }),
    result: z.object({ file: z.string(), bytes: z.int().nonnegative() }),
    errors: ['store', 'busy', 'shutting_down'],
  }),
  'auth.exchange': method({
    summary:
      'Trade the code of a seller’s consent for tokens, keep them, and go on with them at once. A code holds for ' +
      '30 minutes and for one use.',
    reads: false,
    params: z.strictObject({ code }),
    result: view.authorized,
    errors: ['not_authorized', 'api', 'limit', 'store'],
  }),
  shutdown: method({
    summary: 'Answer, then stop: no new runs, and those under way stop at the edge of a page. What was read stays.',
    reads: false,
    params: z.strictObject({
      drainMs: z
        .int()
        .min(0)
        .max(600_000)
        .default(5000)
        .describe('milliseconds that requests under way and connections are given'),
    }),
    result: z.object({ stopping: z.literal(true), runs: z.array(run).describe('under way, about to stop') }),
    errors: [],
  }),
  'rpc.discover': method({
    summary: 'This table as an OpenRPC document.',
    reads: true,
    params: nothing,
    result: z.looseObject({ openrpc: z.string() }),
    errors: [],
  }),
} as const;
