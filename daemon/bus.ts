import type { Event, Topic } from '../shared/views.ts';

/** What can be published: whatever can be asked for, with the key under which the latest replaces the one before. */
export type Change = {
  [T in Topic]: {
    readonly topic: T;
    /** The thing that changed: a run's id, a shop's id, a shop and stream. */
    readonly key: string;
    readonly data: Extract<Event, { topic: T }>['data'];
  };
}[Topic];

/** A change and when it was published, ISO 8601 UTC. */
export type Published = Change & { readonly at: string };

export interface Publisher {
  /** Tells whoever watches; costs nothing when nobody does. Never throws and never waits. */
  readonly publish: (change: Change) => void;
}

export interface Bus extends Publisher {
  /** Calls `watcher` for each change from now on, at once and in order, until the function returned is called. */
  readonly watch: (watcher: (published: Published) => void) => () => void;
}

export interface BusOptions {
  /** Unix milliseconds. */
  readonly now: () => number;
  /** A watcher threw: the publisher's work goes on, the log hears of it. */
  readonly onWatcherError: (error: unknown) => void;
}

/** The only knot between syncing and watching: it carries that something changed and its present state, never a queue. */
export const createBus = ({ now, onWatcherError }: BusOptions): Bus => {
  const watchers = new Set<(published: Published) => void>();
  return {
    publish(change) {
      if (watchers.size === 0) return;
      const published = { ...change, at: new Date(now()).toISOString() };
      for (const watcher of watchers) {
        try {
          watcher(published);
        } catch (error) {
          onWatcherError(error);
        }
      }
    },
    watch(watcher) {
      const own = (published: Published): void => watcher(published);
      watchers.add(own);
      return () => watchers.delete(own);
    },
  };
};
