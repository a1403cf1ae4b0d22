import { tablesOf } from './history.ts';

/** What happened, and in how many histories. */
export type Reached = Map<string, number>;

const kinds = ['full', 'incremental', 'partial'];
const writes = Object.entries(tablesOf);

/** What histories are made for: a generator that no longer gets there proves less than it seems to. */
const everything: readonly string[] = [
  ...writes.flatMap(([write, tables]) => [
    ...['crash before', 'crash within', 'crash after', 'refused'].map((what) => `${what} ${write}`),
    ...tables.map((table) => `${write} breaks at ${table}`),
  ]),
  ...kinds.flatMap((kind) => ['succeeded', 'failed'].map((state) => `${kind} ${state}`)),
  'full cancelled',
  'incremental cancelled',
  'crash at request',
  'cancel',
  'transient',
  'throttled',
  'aborted',
  'clock jumps ahead',
  'clock jumps back',
  "the server's time is estimated back",
  'a run is joined',
  'a full resync goes on',
  'a tick is held back',
  'a retry runs',
  'a kill while a retry waits',
  'a kill while a retry runs',
  ...[1, 2, 3].map((starts) => `${starts} starts in a row`),
  'the overlap widens',
  'an order goes back in time',
];

/** @returns what no history got to. */
export const unreached = (reached: Reached): string[] => everything.filter((what) => !reached.has(what));
