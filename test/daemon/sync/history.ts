import fc from 'fast-check';

/** What goes wrong while runs are under way. `at` counts requests or commits from the beginning of the step. */
export type Trouble =
  | { readonly what: 'cancel'; readonly at: number }
  | { readonly what: 'crash at request'; readonly at: number }
  | { readonly what: 'crash before commit' | 'crash after commit'; readonly at: number }
  | { readonly what: 'crash within commit' | 'store error'; readonly at: number; readonly table: FaultTable }
  | { readonly what: 'transient' | 'throttled' | 'aborted'; readonly at: number; readonly times: number };

/** Where a transaction breaks off. */
export const faultTables = ['orders', 'coverage', 'run_spans', 'sync_runs', 'stream_state'] as const;
export type FaultTable = (typeof faultTables)[number];

/** What is asked for; a span in seconds before the present moment. */
export type Wish =
  | { readonly what: 'sync' | 'resync' }
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
  | { readonly do: 'advance'; readonly seconds: number }
  | { readonly do: 'restart' }
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
  readonly steps: readonly Step[];
}

const at = fc.integer({ min: 1, max: 12 });
const table = fc.constantFrom(...faultTables);

const trouble: fc.Arbitrary<Trouble> = fc.oneof(
  fc.record({ what: fc.constant('cancel'), at }),
  fc.record({ what: fc.constant('crash at request'), at }),
  fc.record({ what: fc.constantFrom('crash before commit', 'crash after commit'), at }),
  fc.record({ what: fc.constantFrom('crash within commit', 'store error'), at, table }),
  fc.record({
    what: fc.constantFrom('transient', 'throttled', 'aborted'),
    at,
    times: fc.integer({ min: 1, max: 4 }),
  }),
);

const wish: fc.Arbitrary<Wish> = fc.oneof(
  { weight: 5, arbitrary: fc.constant<Wish>({ what: 'sync' }) },
  { weight: 2, arbitrary: fc.constant<Wish>({ what: 'resync' }) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.integer({ min: 0, max: 40_000 }), fc.integer({ min: 1, max: 40_000 }))
      .map(([to, length]): Wish => ({ what: 'span', from: to + length, to })),
  },
);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('run'),
      wish,
      beside: fc.option(fc.record({ wish, at }), { freq: 3 }),
      trouble: fc.option(trouble, { freq: 2 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('world'),
      placed: fc.integer({ min: 0, max: 12 }),
      changed: fc.integer({ min: 0, max: 12 }),
      odd: fc.integer({ min: 0, max: 3 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('advance'),
      seconds: fc.oneof(
        fc.integer({ min: 1, max: 120 }),
        fc.integer({ min: 1, max: 1200 }),
        fc.integer({ min: 1, max: 90_000 }),
      ),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart') }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('twice') }) },
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
  steps: fc.oneof(
    { weight: 5, arbitrary: fc.array(step, { minLength: 4, maxLength: 6 }) },
    { weight: 1, arbitrary: fc.array(step, { minLength: 7, maxLength: 12 }) },
  ),
});

const told = (value: object): string =>
  Object.entries(value)
    .filter(([key, one]) => key !== 'do' && one !== null)
    .map(([key, one]) => (typeof one === 'object' ? `${key} (${told(one)})` : `${key} ${String(one)}`))
    .join(', ');

/** A history as a person reads it: the world in one line, then a line for each step. */
export const render = ({ steps, ...world }: History): string =>
  [
    `world: ${Object.entries(world)
      .map(([key, value]) => `${key} ${JSON.stringify(value)}`)
      .join(', ')}`,
    ...steps.map((one, i) => `${i + 1}. ${one.do} ${told(one)}`.trimEnd()),
  ].join('\n');
