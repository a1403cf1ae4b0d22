import type { Bus } from './bus.ts';
import type { Log } from './log.ts';
import type { StatusView } from './status.ts';
import type { StreamSyncOptions } from './sync/stream-sync-options.ts';

/** A stream's numbers are read and published at most this often, in milliseconds. */
const paceMs = 250;

/**
 * What syncing reports, turned into events: runs at once, progress, counts and budget at most four times a second.
 * Syncing knows nothing of it.
 */
export function createPublisher<R>(options: {
  readonly bus: Bus;
  readonly view: StatusView<R>;
  readonly log: Log;
  readonly setTimer: (work: () => void, ms: number) => () => void;
}): StreamSyncOptions<R>['watch'] & { readonly stop: () => Promise<void> } {
  const { bus, view, log, setTimer } = options;
  const due = new Map<string, () => void>();
  const telling = new Set<Promise<void>>();
  let stopped = false;

  const tell = async (shop: string, stream: string): Promise<void> => {
    const key = `${shop}/${stream}`;
    const data = await view.stream(shop, stream);
    bus.publish({ topic: 'progress', key, data });
    bus.publish({ topic: 'counts', key, data });
    bus.publish({ topic: 'api', key: shop, data: view.api(shop) });
  };
  const report = (shop: string, stream: string): void => {
    if (stopped) return;
    const told = tell(shop, stream)
      .catch((error: unknown) => log.error({ err: error }, 'an event could not be made'))
      .finally(() => telling.delete(told));
    telling.add(told);
  };

  return {
    /** When it resolves, nothing is read any more. */
    stop: async () => {
      stopped = true;
      for (const cancel of due.values()) cancel();
      due.clear();
      await Promise.all(telling);
    },
    run: (run) => {
      bus.publish({ topic: 'runs', key: run.runId, data: run });
      report(run.shop, run.stream);
    },
    progress: (shop, stream) => {
      const key = `${shop}/${stream}`;
      if (stopped || due.has(key)) return;
      due.set(
        key,
        setTimer(() => {
          due.delete(key);
          report(shop, stream);
        }, paceMs),
      );
    },
  };
}
