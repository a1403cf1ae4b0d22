import type { Stream } from '../streams/stream.ts';
import type { Shop } from '../tiktok/api.ts';
import type { EngineOptions } from './engine.ts';
import { walkersFor } from './pace.ts';
import { Schedule } from './schedule.ts';
import { StreamSync } from './stream-sync.ts';
import { timeZoneOf } from './time-zones.ts';

/** One shop's stream with its schedule. */
export interface Unit<R> {
  readonly shop: Shop;
  readonly stream: Stream<R>;
  readonly sync: StreamSync<R>;
  readonly schedule: Schedule;
}

/** Nothing is begun by it but the ticks of the schedule. */
export function openUnit<R>(shop: Shop, stream: Stream<R>, options: EngineOptions<R>): Unit<R> {
  const { account, log, concurrency, pattern, timeZone } = options;
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
  });
  const schedule = new Schedule({
    pattern: pattern(stream.name),
    timeZone: timeZone ?? timeZoneOf(shop.region),
    tick: () => sync.tick(),
    onError: (error) => log.error({ err: error, shop: shop.id, stream: stream.name }, 'a tick of the schedule failed'),
  });
  return { shop, stream, sync, schedule };
}
