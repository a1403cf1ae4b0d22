import { expect } from 'vitest';

import { type Change, createBus } from '../../../daemon/bus.ts';
import { Journal } from '../../../daemon/rpc/journal.ts';
import { type Outlet, Subscriber, type SubscriptionSource } from '../../../daemon/rpc/subscriptions.ts';
import { type Event, event as eventSchema, type Status } from '../../../shared/views.ts';
import { aRun, streamWith } from './events.ts';
import { emptyStatus } from './samples.ts';

const start = Date.parse('2026-01-01T00:00:00Z');

/** A subscriber in a time that only the test moves, with a reader that it can hold up. */
export const newRig = (snapshot: () => Promise<Status> = () => Promise.resolve(emptyStatus), maxBytes = 100_000) => {
  let now = start;
  let timers: { at: number; run: () => void }[] = [];
  const sent: Event[] = [];
  const sentAt: number[] = [];
  const reader = { isBackedUp: false, wasCutOff: false };
  const bus = createBus({ now: () => now, onWatcherError: () => expect.unreachable() });
  const source: SubscriptionSource = {
    watch: bus.watch,
    journal: new Journal(bus.watch),
    snapshot,
    now: () => now,
    schedule: (run, ms) => {
      const timer = { at: now + ms, run };
      timers.push(timer);
      return () => (timers = timers.filter((other) => other !== timer));
    },
  };
  const outlet: Outlet = {
    send: (text) => {
      sent.push(eventSchema.parse(JSON.parse(text)));
      sentAt.push(now - start);
    },
    get isBackedUp() {
      return reader.isBackedUp;
    },
    cutOff: () => (reader.wasCutOff = true),
  };
  const another = (): Subscriber => new Subscriber(source, outlet, maxBytes);
  const subscriber = another();
  const pass = (ms: number): void => {
    now += ms;
    for (const timer of timers.filter(({ at }) => at <= now)) {
      timers = timers.filter((other) => other !== timer);
      timer.run();
    }
  };
  return { bus, subscriber, another, sent, sentAt, reader, pass, pending: () => timers.length };
};

export const progress = (total: number, stream?: string): Change => ({
  topic: 'progress',
  key: `s1 ${stream ?? 'orders'}`,
  data: streamWith(total, stream),
});
export const runChange = (runId: string, state: 'running' | 'succeeded' = 'running'): Change => ({
  topic: 'runs',
  key: runId,
  data: aRun(runId, state),
});
export const brief = (events: readonly Event[]): string[] =>
  events.map((event) => {
    if (event.topic === 'runs') return `${event.seq} ${event.data.runId} ${event.data.state}`;
    if (event.topic !== 'progress' && event.topic !== 'counts') return `${event.seq} ${event.topic}`;
    return `${event.seq} ${event.topic} ${event.data.stream} ${event.data.total}`;
  });
