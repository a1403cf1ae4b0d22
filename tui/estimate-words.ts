import type { Estimate } from '../shared/views.ts';
import { amount, duration, number } from './format.ts';

/** What would be read: `3,000 orders and 4,518 other records`. */
export const readWords = ({ orders, records }: Estimate): string => {
  const others = Math.max(0, records - orders);
  if (others === 0) return `${amount(orders, 'order')}`;
  return orders === 0
    ? `${amount(others, 'record')}`
    : `${amount(orders, 'order')} and ${amount(others, 'other record')}`;
};

/** What a full resync would cost, in two parts for two lines or one. */
export const estimateWords = (estimate: Estimate): readonly [amount: string, time: string] => [
  `${readWords(estimate)} in ${amount(estimate.requests, 'request')}`,
  `about ${duration(estimate.seconds)} at the present rate`,
];

/** What full runs that did not end have read already, all of them in one short line; none where there are none. */
export const readBefore = ({ goesOn = [] }: Estimate): readonly string[] => {
  const done = goesOn.reduce((sum, run) => sum + run.done, 0);
  const all = goesOn.reduce((sum, run) => sum + run.done + run.left, 0);
  return done === 0 ? [] : [`${number(done)} of ${number(all)} were read before, and are not again`];
};

/** Streams that could not be counted, in one short line; none where all were. */
export const leftOutOf = ({ unknown = [] }: Estimate): readonly string[] =>
  unknown.length === 0 ? [] : [`${amount(unknown.length, 'stream')} could not be counted: see its error`];

/** The same, a sentence for each: `analytics of shop 7 is not in these numbers: no permission …`. */
export const leftOutWords = ({ unknown = [] }: Estimate): readonly string[] =>
  unknown.map(({ shop, stream, message }) => `${stream} of shop ${shop} is not in these numbers: ${message}`);
