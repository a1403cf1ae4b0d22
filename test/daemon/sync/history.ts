import fc from 'fast-check';

/** Writes of the store, and the tables that each of them changes: there its transaction breaks off. */
export const tablesOf = {
  commitPage: ['orders', 'coverage', 'run_spans', 'sync_runs', 'stream_state'],
  beginRun: ['sync_runs'],
  moveWatermark: ['stream_state'],
  endRun: ['sync_runs', 'stream_state', 'sync_metadata'],
} as const;
export type Write = keyof typeof tablesOf;
export type FaultTable = (typeof tablesOf)[Write][number];

/** What goes wrong while runs are under way. `at` counts requests, or writes of that name, from the step's beginning. */
export type Trouble =
  | { readonly what: 'cancel' | 'crash at request'; readonly at: number }
  /** From then on the local clock is that many seconds ahead of the server's, or behind it. */
  | { readonly what: 'clock jumps'; readonly at: number; readonly ahead: number }
  | { readonly what: 'transient' | 'throttled' | 'aborted'; readonly at: number; readonly times: number }
  | {
      readonly what: 'crash before' | 'crash within' | 'crash after' | 'refused';
      readonly write: Write;
      readonly at: number;
      readonly table: FaultTable;
    };

/** What is asked for; a span in seconds before the present moment. `tick` is the schedule's own ask. */
export type Wish =
  | { readonly what: 'sync' | 'tick' | 'resync' }
  | { readonly what: 'span'; readonly from: number; readonly to: number };

export type Step =
  | {
      readonly do: 'run';
      readonly wish: Wish;
      /** Asked for as well, once that many requests were sent. */
      readonly beside: { readonly wish: Wish; readonly at: number } | null;
      readonly trouble: Trouble | null;
    }
  | { readonly do: 'world'; readonly placed: number; readonly changed: number; readonly odd: number }
  /** Nothing but retries that come due has requests; the trouble is theirs. */
  | { readonly do: 'advance'; readonly seconds: number; readonly trouble: Trouble | null }
  | {
      readonly do: 'restart';
      /** Closed as a daemon is, or killed where it stands. */
      readonly how: 'closed' | 'killed';
      /** Each start of these is killed as well, once it has sent that many requests; at 0 before it has asked for a run. */
      readonly kills: readonly number[];
      readonly trouble: Trouble | null;
    }
  | { readonly do: 'twice' };

export interface History {
  /** Of everything that is not written out here. */
  readonly seed: number;
  readonly orders: number;
  /** How many records share one second, for each such second. */
  readonly ties: readonly number[];
  readonly pageSize: number;
  readonly tokens: 'offset' | 'keyset';
  readonly sorting: 'honoured' | 'ignored' | 'by create_time';
  readonly walkers: number;
  /** How likely the world changes at each request, how likely an answer lacks total_count; 0 to 1. */
  readonly churn: number;
  readonly uncounted: number;
  /** Seconds after which a version shows, at most. */
  readonly lag: number;
  /** Seconds that the estimate of the server's time lies behind it at most; it moves to and fro. */
  readonly behind: number;
  readonly steps: readonly Step[];
}

/** Two of three, and every other. */
const often = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(one, { freq: 3 });
const sometimes = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(one, { freq: 2 });

const at = fc.oneof(
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 3 }) },
  { weight: 1, arbitrary: fc.integer({ min: 4, max: 12 }) },
);
const rarer = fc.integer({ min: 1, max: 2 });

const faultIn = (write: Write, nth: fc.Arbitrary<number>): fc.Arbitrary<Trouble> =>
  fc.record({
    what: fc.constantFrom('crash before', 'crash within', 'crash within', 'crash after', 'refused', 'refused'),
    write: fc.constant(write),
    at: nth,
    table: fc.constantFrom<FaultTable[]>(...tablesOf[write]),
  });

/** After these a run is tried again by itself. */
const failure: fc.Arbitrary<Trouble> = fc.record({
  what: fc.constantFrom('transient', 'throttled', 'aborted'),
  at,
  times: fc.integer({ min: 1, max: 4 }),
});

const trouble: fc.Arbitrary<Trouble> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ what: fc.constantFrom('cancel', 'crash at request'), at }) },
  {
    weight: 1,
    arbitrary: fc.record({
      what: fc.constant('clock jumps'),
      at: fc.integer({ min: 1, max: 4 }),
      ahead: fc.integer({ min: -600, max: 600 }),
    }),
  },
  { weight: 2, arbitrary: failure },
  { weight: 5, arbitrary: faultIn('commitPage', at) },
  { weight: 1, arbitrary: faultIn('beginRun', rarer) },
  { weight: 2, arbitrary: faultIn('moveWatermark', fc.constant(1)) },
  { weight: 2, arbitrary: faultIn('endRun', rarer) },
);

const wish: fc.Arbitrary<Wish> = fc.oneof(
  { weight: 5, arbitrary: fc.constant<Wish>({ what: 'sync' }) },
  { weight: 1, arbitrary: fc.constant<Wish>({ what: 'tick' }) },
  { weight: 2, arbitrary: fc.constant<Wish>({ what: 'resync' }) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.integer({ min: 0, max: 40_000 }), fc.integer({ min: 1, max: 40_000 }))
      .map(([to, length]): Wish => ({ what: 'span', from: to + length, to })),
  },
);

const run = (troubles: fc.Arbitrary<Trouble | null>): fc.Arbitrary<Step> =>
  fc.record<Step & { readonly do: 'run' }>({
    do: fc.constant('run'),
    wish,
    beside: often(fc.record({ wish, at })),
    trouble: troubles,
  });

const world: fc.Arbitrary<Step> = fc.record({
  do: fc.constant('world'),
  placed: fc.integer({ min: 0, max: 12 }),
  changed: fc.integer({ min: 0, max: 12 }),
  odd: fc.integer({ min: 0, max: 3 }),
});

const advance: fc.Arbitrary<Step> = fc.record({
  do: fc.constant('advance'),
  seconds: fc.oneof(
    fc.integer({ min: 1, max: 120 }),
    fc.integer({ min: 1, max: 1200 }),
    fc.integer({ min: 1, max: 90_000 }),
  ),
  trouble: sometimes(trouble),
});

const restart: fc.Arbitrary<Step> = fc.record({
  do: fc.constant('restart'),
  how: fc.constantFrom('closed', 'killed'),
  kills: fc.oneof(fc.constant<number[]>([]), fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 2 })),
  trouble: sometimes(trouble),
});

const tick: fc.Arbitrary<Step> = fc.constant({ do: 'run', wish: { what: 'tick' }, beside: null, trouble: null });

const steps: fc.Arbitrary<readonly Step[]> = fc.oneof(
  { weight: 5, arbitrary: fc.tuple(run(often(trouble))) },
  { weight: 2, arbitrary: fc.tuple(world) },
  { weight: 2, arbitrary: fc.tuple(advance) },
  { weight: 1, arbitrary: fc.tuple(restart) },
  { weight: 1, arbitrary: fc.tuple(fc.constant<Step>({ do: 'twice' })) },
  // A retry waits, and is waited for, killed, overtaken.
  { weight: 1, arbitrary: fc.tuple(run(failure), fc.oneof(advance, restart, tick)) },
);

export const histories: fc.Arbitrary<History> = fc.record({
  seed: fc.noShrink(fc.integer({ min: 1, max: 2 ** 31 - 1 })),
  orders: fc.integer({ min: 20, max: 120 }),
  ties: fc.array(
    fc.oneof(
      { weight: 12, arbitrary: fc.integer({ min: 1, max: 40 }) },
      { weight: 1, arbitrary: fc.integer({ min: 41, max: 400 }) },
    ),
    { maxLength: 2 },
  ),
  pageSize: fc.integer({ min: 5, max: 20 }),
  tokens: fc.constantFrom('offset', 'keyset'),
  sorting: fc.oneof(
    { weight: 10, arbitrary: fc.constant<History['sorting']>('honoured') },
    { weight: 1, arbitrary: fc.constantFrom<History['sorting'][]>('ignored', 'by create_time') },
  ),
  walkers: fc.integer({ min: 1, max: 8 }),
  churn: fc.constantFrom(0, 0, 0.1, 0.3),
  uncounted: fc.constantFrom(0, 0, 0, 0.1),
  lag: fc.constantFrom(0, 0, 100, 359),
  behind: fc.constantFrom(0, 0, 5, 240),
  steps: fc
    .oneof(
      { weight: 8, arbitrary: fc.array(steps, { minLength: 4, maxLength: 6 }) },
      { weight: 1, arbitrary: fc.array(steps, { minLength: 7, maxLength: 11 }) },
    )
    .map((all) => all.flat()),
});
