import type { Run } from '../../shared/run-views.ts';
import type { Log } from '../log.ts';
import type { Stream } from '../streams/stream.ts';
import type { ShopApi } from '../tiktok/api.ts';
import type { PlannerOptions } from './planner.ts';

/** What one shop's stream is synced with. */
export interface StreamSyncOptions<R> extends PlannerOptions {
  readonly stream: Stream<R>;
  readonly api: ShopApi;
  readonly log: Log;
  /** Monotonic milliseconds. */
  readonly monotonic: () => number;
  /** 0 to 1. */
  readonly random: () => number;
  readonly walkers: () => number;
  readonly setTimer: (work: () => void, ms: number) => () => void;
  /** Whether nothing may start by itself for now. */
  readonly isPaused?: (() => boolean) | undefined;
  /** Whether heavy work may start by itself now, where it failed before; default: always. */
  readonly isQuiet?: (() => boolean) | undefined;
  readonly watch: { readonly run: (run: Run) => void; readonly progress: (shop: string, stream: string) => void };
}
