import { createBus } from '../../../daemon/bus.ts';
import { createDispatcher } from '../../../daemon/rpc/dispatch.ts';
import { Journal } from '../../../daemon/rpc/journal.ts';
import { listen } from '../../../daemon/rpc/server.ts';
import { aRun, streamWith } from './events.ts';
import { emptyStatus, realSchedule, subscribing } from './samples.ts';

// A process of its own that has subscribers and is told how many runs to publish, so that its memory is its own too.

const fail = (error: unknown): never => {
  throw error;
};

const bus = createBus({ now: Date.now, onWatcherError: fail });
const server = await listen({
  path: process.argv[2] ?? '',
  dispatcher: createDispatcher(
    { subscribe: subscribing },
    { subscribe: ({ topics, after }, connection) => connection.subscribe(topics, after) },
    { onInternalError: fail },
  ),
  subscriptions: {
    watch: bus.watch,
    journal: new Journal(bus.watch),
    snapshot: () => Promise.resolve(emptyStatus),
    now: Date.now,
    schedule: realSchedule,
  },
  onError: fail,
});

let published = 0;
process.on('message', (count: number) => {
  for (const end = published + count; published < end; published++) {
    const runId = `r${published}`;
    bus.publish({ topic: 'runs', key: runId, data: aRun(runId, 'running') });
    bus.publish({ topic: 'progress', key: 's1 orders', data: streamWith(published) });
  }
  globalThis.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  process.send?.({ published, held: heapUsed + external, rss });
});
process.on('disconnect', () => void server.close({ graceMs: 0 }));
process.send?.('listening');
