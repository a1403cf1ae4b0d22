import { uptime } from 'node:os';
import { performance } from 'node:perf_hooks';

/** Waiting, by argument: tests move the time themselves. */
export interface Timers {
  /** Monotonic milliseconds; only differences mean something. */
  readonly now: () => number;
  /** Runs `run` once after `ms` milliseconds. The returned function cancels it. */
  readonly after: (ms: number, run: () => void) => () => void;
}

export const systemTimers: Timers = {
  now: () => performance.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

/**
 * Monotonic milliseconds that go on while the machine sleeps, in steps of 10 ms. The clock of Node stands still on a
 * sleeping Linux, and whoever went by it afterwards would take the time for hours ago.
 */
export const sinceBoot = (): number => (process.platform === 'linux' ? uptime() * 1000 : performance.now());

/** Resolves after `ms` milliseconds; rejects with the signal's reason as soon as it aborts, leaving no timer behind. */
export function sleep(timers: Timers, ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  if (signal.aborted) {
    reject(signal.reason);
    return promise;
  }
  const stop = () => {
    cancel();
    reject(signal.reason);
  };
  const cancel = timers.after(ms, () => {
    signal.removeEventListener('abort', stop);
    resolve();
  });
  signal.addEventListener('abort', stop, { once: true });
  return promise;
}
