import { Cron } from 'croner';

export interface ScheduleOptions {
  /** Cron pattern, null: only by hand. */
  readonly pattern: string | null;
  /** IANA name. */
  readonly timeZone: string;
  readonly tick: () => void;
  /** A tick that threw; the schedule goes on. */
  readonly onError: (error: unknown) => void;
}

/** One stream's ticks. */
export class Schedule {
  readonly #cron: Cron | undefined;
  readonly pattern: string | null;
  readonly timeZone: string;
  readonly reason: string;

  constructor({ pattern, timeZone, tick, onError }: ScheduleOptions) {
    this.pattern = pattern;
    this.timeZone = timeZone;
    this.reason = pattern === null ? 'the schedule is off' : `cron ${pattern}, ${timeZone}`;
    this.#cron =
      pattern === null ? undefined : new Cron(pattern, { timezone: timeZone, catch: onError, unref: true }, tick);
  }

  /** Local milliseconds, or null. */
  get nextAt(): number | null {
    return this.#cron?.nextRun()?.getTime() ?? null;
  }

  stop(): void {
    this.#cron?.stop();
  }
}
