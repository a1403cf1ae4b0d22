import { pino } from 'pino';

import type { Config } from './config/load.ts';
import { LogRing } from './log-ring.ts';
import { redact } from './redact.ts';

export type LogLevel = Config['log']['level'];

/** What the rooms of the daemon log with: fields first, then a sentence. */
export type Log = Pick<pino.Logger, 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'child'>;

export interface RootLog {
  /** The log of one room: its lines carry `room`. */
  room(name: string): Log;
  readonly level: LogLevel;
  /** The newest lines, as clean as those on stdout. */
  readonly ring: Pick<LogRing, 'newest' | 'watch'>;
  /** Holds for every room at once, those made before included. */
  setLevel(level: LogLevel): void;
}

/**
 * JSON to stdout, one line each: `level` as a word, `time` in ISO 8601 UTC, `pid`, `room`, `msg`, errors under `err`.
 * Every line is cleaned as its last step, so nothing that is logged, however deep, brings out a secret or buyers' data.
 */
export function createLog(options: {
  readonly level: LogLevel;
  readonly destination?: { write(line: string): void };
}): RootLog {
  let level = options.level;
  const ring = new LogRing();
  const settings: pino.LoggerOptions = {
    // The threshold is held here, not in pino: a pino child keeps the level that its parent had when it was made.
    level: 'trace',
    base: { pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    hooks: {
      logMethod(args, method, lineLevel) {
        if (lineLevel >= thresholdOf(level)) method.apply(this, args);
      },
      streamWrite: (line) => {
        const clean = redact(JSON.parse(line));
        if (typeof clean === 'object' && clean !== null) ring.add(clean);
        return `${JSON.stringify(clean)}\n`;
      },
    },
  };
  const root = options.destination === undefined ? pino(settings) : pino(settings, options.destination);

  return {
    room: (name) => root.child({ room: name }),
    ring,
    get level() {
      return level;
    },
    setLevel: (next) => {
      level = next;
    },
  };
}

const thresholdOf = (level: LogLevel): number => (level === 'off' ? Infinity : (pino.levels.values[level] ?? 0));
