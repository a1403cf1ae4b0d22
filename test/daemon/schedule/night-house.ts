import { pino } from 'pino';

import type { Worker } from '../../../daemon/schedule/night-lane.ts';
import { NightShift } from '../../../daemon/schedule/night-shift.ts';
import { type NightKind, type ScheduleRules, byHand } from '../../../daemon/schedule/rules.ts';
import { writeMetadata } from '../../../daemon/store/state.ts';
import type { Run, RunKind } from '../../../shared/run-views.ts';
import { Room } from '../store/room.ts';
import { Wall } from './wall.ts';

export const shop = '7491';
const minute = 60_000;
const kinds = { resync: 'full', recheck: 'recheck', audit: 'audit' } as const;

type Hands = { -readonly [K in keyof Worker]: Worker[K] };

/** The night shift of one shop over a real history, and streams whose runs go on until the test ends them. */
export class NightHouse implements AsyncDisposable {
  readonly wall: Wall;
  readonly room: Room;
  /** What was begun by the schedule: stream, kind and moment. */
  readonly begun: string[] = [];
  rules: ScheduleRules = {
    ...byHand,
    audit: '15 3 * * *',
    quietHours: { fromMinute: 60, toMinute: 360 },
  };
  isPaused = false;
  changedAt: number | undefined;
  shift: NightShift;
  readonly hands = new Map<string, Hands>();
  readonly #streams: Readonly<Record<string, readonly NightKind[]>>;
  #under: { readonly run: Promise<Run>; readonly stream: string; readonly kind: RunKind }[] = [];

  private constructor(room: Room, at: string, streams: Readonly<Record<string, readonly NightKind[]>>) {
    this.room = room;
    this.wall = new Wall(at);
    this.#streams = streams;
    this.shift = this.#shift();
  }

  /** A shop whose streams were read whole when the test begins. */
  static async open(at: string, streams: Readonly<Record<string, readonly NightKind[]>>): Promise<NightHouse> {
    const house = new NightHouse(await Room.open(), at, streams);
    for (const stream of Object.keys(streams)) {
      const run = await house.run(stream, 'full');
      await house.whole(stream, run.runId);
    }
    await house.start();
    return house;
  }

  /** A daemon: none of what the one before knew is left but its history. */
  async start(): Promise<void> {
    await this.#recorded();
    this.#under = [];
    this.hands.clear();
    this.wall.restart();
    this.shift = this.#shift();
    for (const [stream, kindsOf] of Object.entries(this.#streams)) {
      const hands: Hands = {
        activeRuns: [],
        retryAt: null,
        awaitsConsent: false,
        begin: ({ what }) => {
          const kind = kinds[what];
          this.begun.push(`${stream} ${kind} ${new Date(this.wall.local).toISOString().slice(5, 16)}`);
          hands.activeRuns = [...hands.activeRuns, { kind }];
          this.#under.push({ stream, kind, run: this.#begin(stream, kind) });
        },
      };
      this.hands.set(stream, hands);
      this.shift.add(stream, kindsOf, hands);
    }
    for (const stream of Object.keys(this.#streams)) await this.shift.start(stream);
  }

  /** Everything of a stream has been read. */
  async whole(stream: string, runId: string): Promise<void> {
    this.room.now = this.wall.local;
    const watermark = Math.floor(this.wall.local / 1000);
    await this.room.store.change(writeMetadata, { shop, stream, watermark, runId, full: true }, this.wall.local);
  }

  /** A run that the schedule did not begin, from its beginning to its end. */
  async run(stream: string, kind: RunKind, state: 'succeeded' | 'cancelled' | 'failed' = 'succeeded'): Promise<Run> {
    const { runId } = await this.#record(stream, kind);
    return this.room.store.endRun({ shop, stream, runId, state, requests: 0 });
  }

  /** Time passes in which the daemon runs; each run ends so, `ms` after it began, or goes on. */
  async live(ms: number, ends?: 'succeeded' | 'cancelled' | 'failed'): Promise<void> {
    for (let passed = 0; passed < ms; passed += minute) {
      this.wall.run(minute);
      await this.#recorded();
      if (ends !== undefined) while (this.#under.length > 0) await this.end(ends);
    }
  }

  /** Ends the oldest run under way. */
  async end(state: 'succeeded' | 'cancelled' | 'failed' = 'succeeded'): Promise<void> {
    const one = this.#under.shift();
    if (one === undefined) throw new Error('no run is under way');
    const { stream, kind } = one;
    const { runId } = await one.run;
    this.room.now = this.wall.local;
    const run = await this.room.store.endRun({ shop, stream, runId, state, requests: 0 });
    const hands = this.hands.get(stream);
    if (hands !== undefined) hands.activeRuns = hands.activeRuns.filter((active) => active.kind !== kind);
    this.shift.noticed(run);
  }

  plan(stream: string, kind: NightKind): string {
    const plan = this.shift.plans(stream).find((one) => one.kind === kind);
    if (plan === undefined) return 'none';
    return `${plan.at === null ? '–' : new Date(plan.at).toISOString().slice(5, 16)} ${plan.reason}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#recorded();
    await this.room[Symbol.asyncDispose]();
  }

  async #recorded(): Promise<void> {
    await Promise.all(this.#under.map(({ run }) => run));
  }

  async #begin(stream: string, kind: RunKind): Promise<Run> {
    const run = await this.#record(stream, kind);
    this.shift.noticed(run);
    return run;
  }

  #record(stream: string, kind: RunKind): Promise<Run> {
    this.room.now = this.wall.local;
    return this.room.store.beginRun({ shop, stream, kind, trigger: 'schedule', span: { from: 0, to: 1 } });
  }

  #shift(): NightShift {
    const rules = (): ScheduleRules => this.rules;
    return new NightShift({
      shop,
      store: this.room.store,
      log: pino({ level: 'silent' }),
      alarms: this.wall.alarms,
      now: this.wall.clocks.now,
      source: {
        get rules() {
          return rules();
        },
        changedAt: () => this.changedAt,
      },
      timeZone: () => 'UTC',
      isPaused: () => this.isPaused,
    });
  }
}
