import type { Run, Started } from '../shared/run-views.ts';
import type { Event, Progress } from '../shared/views.ts';
import type { Client } from './client.ts';
import { Link, type LinkState } from './link.ts';
import type { Reached } from './reach.ts';

export interface FollowOptions {
  readonly reach: () => Promise<Reached>;
  /** A run of ours has moved. */
  readonly onProgress: (progress: Progress) => void;
  /** A run of ours has ended. */
  readonly onEnd: (run: Run) => void;
  readonly onState: (state: LinkState) => void;
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly signal: AbortSignal;
  /** How often the history is asked in case an event did not come, in milliseconds. */
  readonly lookEveryMs?: number;
}

/**
 * Waits until the given runs have ended and returns them as the history tells them, in the order given. A run that
 * ended before we listened, or while the daemon was away, is found in the history; of one that ended while only the
 * connection was lost the daemon tells by itself.
 */
export const follow = async (started: Started['runs'], options: FollowOptions): Promise<readonly Run[]> => {
  const ended = new Map<string, Run>();
  const ours = new Set(started.map(({ runId }) => runId));
  const done = Promise.withResolvers<void>();
  const leave = new AbortController();

  const learn = (run: Run): void => {
    if (!ours.has(run.runId) || run.state === 'running') return;
    if (!ended.has(run.runId)) options.onEnd(run);
    ended.set(run.runId, run);
    if (ended.size === ours.size) done.resolve();
  };
  const hear = (event: Event): void => {
    if (event.topic === 'runs') learn(event.data);
    const streams = event.topic === 'snapshot' ? event.data.streams : event.topic === 'progress' ? [event.data] : [];
    for (const { run } of streams) {
      if (run !== null && ours.has(run.runId)) options.onProgress(run);
    }
  };
  const look = async (client: Client): Promise<void> => {
    const open = started.filter(({ runId }) => !ended.has(runId));
    const asked = new Map(open.map((run) => [`${run.shop} ${run.stream}`, run]));
    for (const { shop, stream } of asked.values()) {
      const { runs } = await client.call('history', { shop, stream, limit: 500 }, { timeoutMs: 10_000 });
      runs.forEach(learn);
    }
  };

  if (ours.size === 0) return [];
  const signal = AbortSignal.any([options.signal, leave.signal]);
  const catchUp = async (client: Client, resumed: boolean): Promise<void> => {
    if (!resumed) await look(client);
  };
  const link = new Link({ ...options, signal, topics: ['runs', 'progress'], onEvent: hear, onUp: catchUp });
  // A look that fails is no failure: the link notices a lost daemon by itself and looks again when it is back.
  const timer = setInterval(() => {
    if (link.client !== undefined) look(link.client).catch(() => {});
  }, options.lookEveryMs ?? 15_000);
  const running = link.run();
  try {
    await Promise.race([done.promise, running]);
    return started.flatMap(({ runId }) => ended.get(runId) ?? []);
  } finally {
    clearInterval(timer);
    leave.abort();
    await running;
  }
};
