import type { Estimate } from '../shared/views.ts';
import { ago, number } from './format.ts';

/**
 * Which full runs that did not end the next ones go on from, a sentence for each; `nowMs` is in unix milliseconds.
 * `orders: goes on from the run that was cancelled 3 min ago, 1,064 of 3,005 done.`
 */
export const goingOnWords = ({ goesOn = [] }: Estimate, nowMs: number): readonly string[] => {
  const shops = new Set(goesOn.map(({ shop }) => shop));
  return goesOn.map(({ shop, stream, state, at, done, left }) => {
    const name = shops.size > 1 ? `${stream} of shop ${shop}` : stream;
    const sum = `${number(done)} of ${number(done + left)} done.`;
    if (state === 'running') return `${name}: a full run is under way, ${sum}`;
    const how = state === 'failed' ? 'that failed' : `that was ${state}`;
    return `${name}: goes on from the run ${how} ${ago(at, nowMs)}, ${sum}`;
  });
};
