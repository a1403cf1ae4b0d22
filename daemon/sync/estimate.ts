import type { Estimate } from '../../shared/views.ts';
import type { Pace } from '../tiktok/api.ts';
import { historySeconds } from './pace.ts';

/** What one stream of one shop holds that is to be read, and how fast it may be asked. */
export interface Counted {
  readonly shop: string;
  readonly stream: string;
  readonly records: number;
  readonly requests: number;
  readonly pace: Pace;
}

/** Shops, and the streams of each, are read side by side: what takes longest tells the time. */
export function estimateOf(counted: readonly Counted[]): Omit<Estimate, 'goesOn'> {
  const shops = Map.groupBy(counted, ({ shop }) => shop);
  return {
    requests: sum(counted.map(({ requests }) => requests)),
    seconds: Math.ceil(Math.max(0, ...[...shops.values()].map(secondsOf))),
    orders: sum(counted.filter(({ stream }) => stream === 'orders').map(({ records }) => records)),
    records: sum(counted.map(({ records }) => records)),
  };
}

/** Each stream of a shop has a rate of its own; a day's quota is one for all of them, and they use it up together. */
function secondsOf(streams: readonly Counted[]): number {
  const alone = streams.map(({ requests, pace }) => historySeconds(requests, pace));
  const [first] = streams;
  if (first?.pace.history === undefined) return Math.max(...alone);
  const together = { ...first.pace, requestsPerSecond: sum(streams.map(({ pace }) => pace.requestsPerSecond)) };
  return Math.max(...alone, historySeconds(sum(streams.map(({ requests }) => requests)), together));
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
