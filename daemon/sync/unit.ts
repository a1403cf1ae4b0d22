import type { Run } from '../../shared/run-views.ts';
import type { Alarms } from '../schedule/alarms.ts';
import { Clockwork } from '../schedule/clockwork.ts';
import { LearnedRhythm } from '../schedule/learned-rhythm.ts';
import { NightShift } from '../schedule/night-shift.ts';
import { type NightKind, type ScheduleSource, leastBetweenMs, phaseOf } from '../schedule/rules.ts';
import type { Stream } from '../streams/stream.ts';
import type { Shop } from '../tiktok/api.ts';
import { type Abilities, isRecheckable } from './able.ts';
import type { EngineOptions } from './engine.ts';
import { walkersFor } from './pace.ts';
import { StreamSync } from './stream-sync.ts';
import { timeZoneOf } from './time-zones.ts';

/** One shop's stream with its schedule. */
export interface Unit<R> {
  readonly shop: Shop;
  readonly stream: Stream<R>;
  readonly sync: StreamSync<R>;
  readonly schedule: Clockwork;
  /** Of its shop. */
  readonly night: NightShift;
}

/** By what the streams of a shop are timed. */
export interface ShopTime {
  readonly alarms: Alarms;
  readonly source: ScheduleSource;
  readonly timeZone: () => string;
  readonly night: NightShift;
}

/** The schedule of a shop; nothing of it begins before its streams do. */
export function timeOf<R>(shop: Shop, alarms: Alarms, source: ScheduleSource, options: EngineOptions<R>): ShopTime {
  const { store, log, now, isPaused = () => false } = options;
  const timeZone = (): string => source.rules.timeZone ?? timeZoneOf(shop.region);
  const night = new NightShift({ shop: shop.id, store, log, alarms, now, source, timeZone, isPaused });
  return { alarms, source, timeZone, night };
}

/** Nothing is begun by it but the ticks of the schedule. */
export function openUnit<R>(shop: Shop, stream: Stream<R>, time: ShopTime, options: EngineOptions<R>): Unit<R> {
  const { account, log, concurrency, watch } = options;
  const { night } = time;
  const api = account.api(shop);
  const sync = new StreamSync({
    ...options,
    policy: stream.policy ?? options.policy,
    stream,
    api,
    log: log.child({ shop: shop.id, stream: stream.name }),
    serverNow: () => account.serverClock.now(),
    apiNow: () => account.serverClock.signingNow(),
    walkers: () => {
      const pace = api.pace(stream.path);
      return walkersFor(pace.requestsPerSecond, pace.latencyMs ?? 0, concurrency);
    },
    isQuiet: () => night.mayTryAgain(),
    watch: {
      ...watch,
      run: (run) => {
        // The schedule hears of it first: whoever watches reads it next.
        noticed(run);
        watch.run(run);
      },
    },
  });
  const schedule = clockworkOf(shop, stream, sync, time, options);
  night.add(stream.name, nightWorkOf(stream, options), sync);
  const noticed = (run: Run): void => {
    if (run.kind === 'incremental' || run.kind === 'full') {
      if (run.state === 'running') schedule.began();
      else void schedule.ended();
    }
    night.noticed(run);
  };
  return { shop, stream, sync, schedule, night };
}

function clockworkOf<R>(
  shop: Shop,
  { name }: Stream<R>,
  sync: StreamSync<R>,
  { alarms, source, timeZone }: ShopTime,
  { store, log, now, monotonic, account, requestsPerDay = null }: EngineOptions<R>,
): Clockwork {
  const serverNow = (): number => account.serverClock.now();
  return new Clockwork({
    alarms,
    now,
    monotonic,
    timeZone,
    pattern: () => source.rules[name],
    isAdaptive: () => source.rules.adaptive,
    // What arrives are orders: the rest of a shop has no rhythm that the store could tell.
    learned: name === 'orders' ? new LearnedRhythm({ store, log, shop: shop.id, timeZone, now, serverNow }) : undefined,
    leastMs: leastBetweenMs(requestsPerDay),
    phase: phaseOf(shop.id, name),
    tick: () => sync.tick(),
  });
}

/** The heavy work that there is for a stream. */
function nightWorkOf(stream: Abilities, { recheck }: { readonly recheck?: number | null | undefined }): NightKind[] {
  const kinds: NightKind[] = ['full'];
  if (typeof recheck === 'number' && recheck > 0 && isRecheckable(stream)) kinds.push('recheck');
  if (stream.audit !== undefined) kinds.push('audit');
  return kinds;
}
