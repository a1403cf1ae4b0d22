import type { Alarm, Alarms } from './alarms.ts';
import { type Planned, nextSync } from './cadence.ts';
import type { LearnedRhythm } from './learned-rhythm.ts';

export interface ClockworkOptions {
  readonly alarms: Pick<Alarms, 'open'>;
  /** Local milliseconds. */
  readonly now: () => number;
  /** Monotonic milliseconds. */
  readonly monotonic: () => number;
  /** Cron pattern in force, null: only by hand. */
  readonly pattern: () => string | null;
  /** IANA name. */
  readonly timeZone: () => string;
  readonly isAdaptive: () => boolean;
  /** Of the shop's orders; left out for what has no rhythm: its cron is followed exactly. */
  readonly learned?: Pick<LearnedRhythm, 'rhythm' | 'recentPerHour' | 'refresh'> | undefined;
  /** Runs between the ticks are at least so far apart, milliseconds. */
  readonly leastMs: number;
  /** 0 to 1, see phaseOf. */
  readonly phase: number;
  readonly tick: () => void;
}

/** When one stream of one shop asks for what is new. */
export class Clockwork {
  readonly #options: ClockworkOptions;
  readonly #alarm: Alarm;
  /** When it was last asked for, by both clocks: of one that was set back, the other tells the truth. */
  #last: { readonly local: number; readonly monotonic: number };
  #planned: Planned = { at: null, reason: '' };

  /** Its first moment counts from now on: a daemon begins by asking for what is new, however long it was down. */
  constructor(options: ClockworkOptions) {
    this.#options = options;
    this.#last = this.#clocks();
    this.#alarm = options.alarms.open(
      () => this.#fire(),
      () => this.#plan(),
    );
    this.#plan();
  }

  /** Local milliseconds, or null. */
  get nextAt(): number | null {
    return this.#planned.at;
  }

  get reason(): string {
    return this.#planned.reason;
  }

  get pattern(): string | null {
    return this.#options.pattern();
  }

  get timeZone(): string {
    return this.#options.timeZone();
  }

  /** The rules have changed. */
  rescheduled(): void {
    this.#replan();
    void this.ended();
  }

  /** A run that asks for what is new has begun, by whomever. */
  began(): void {
    if (this.#isDue) return this.#fire();
    this.#last = this.#clocks();
    this.#plan();
  }

  /** A run has ended: what it brought may change the next moment. Never throws. */
  async ended(): Promise<void> {
    const { learned, isAdaptive } = this.#options;
    if (learned === undefined || !isAdaptive()) return;
    await learned.refresh();
    this.#replan();
  }

  /** Whether its moment has come, and the alarm has not rung yet. */
  get #isDue(): boolean {
    return this.#planned.at !== null && this.#planned.at <= this.#options.now();
  }

  /** A moment that has come is not lost by choosing the next one. */
  #replan(): void {
    if (this.#isDue) this.#fire();
    else this.#plan();
  }

  #fire(): void {
    this.#last = this.#clocks();
    this.#plan();
    this.#options.tick();
  }

  #plan(): void {
    const { pattern, timeZone, isAdaptive, learned, leastMs, phase, now } = this.#options;
    this.#planned = nextSync({
      pattern: pattern(),
      timeZone: timeZone(),
      adaptive: learned !== undefined && isAdaptive(),
      rhythm: learned?.rhythm,
      recentPerHour: learned?.recentPerHour ?? 0,
      lastRunAt: this.#lastAt(),
      now: now(),
      leastMs,
      phase,
    });
    this.#alarm.set(this.#planned.at);
  }

  /** Local milliseconds: as long ago as the clock tells that has gone further. */
  #lastAt(): number {
    const { local, monotonic } = this.#clocks();
    return local - Math.max(local - this.#last.local, monotonic - this.#last.monotonic);
  }

  #clocks(): { readonly local: number; readonly monotonic: number } {
    return { local: this.#options.now(), monotonic: this.#options.monotonic() };
  }
}
