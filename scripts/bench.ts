import { $ } from 'zx';

import { startShop } from '../test/bench/shop-facts.ts';

/**
 * What the engine costs over a bare loop, as a ratio within one run on one machine: CPU seconds of a first full sync of
 * the sandbox shop, which serves prepared bytes with no rate limit. The best of several rounds counts for each side.
 */
const quick = process.argv.includes('--quick');
const rounds = quick ? 3 : 5;
const orders = 100_000;
/** Above this the engine stands on a slow shape. A quick run has fewer rounds to find a quiet moment: a tenth more. */
const mostRatio = quick ? 1.8 : 1.65;

interface Cost {
  readonly what: string;
  readonly orders: number;
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
  readonly peakMiB: number;
}

const measure = new URL('../test/bench/measure.js', import.meta.url).pathname;
const { facts, child } = await startShop([
  '--orders',
  String(orders),
  '--rate',
  '0',
  '--latency',
  '0',
  '--warm',
  '--frozen',
]);
const costs: Cost[] = [];
try {
  for (let round = 0; round < rounds; round++)
    for (const what of ['bare', 'engine']) {
      const { stdout } = await $({ quiet: true })`node ${measure} ${what} ${JSON.stringify(facts)}`;
      const cost = JSON.parse(stdout) as Cost;
      costs.push(cost);
      const { cpuSeconds, wallSeconds, peakMiB } = cost;
      console.log(
        `${what}: ${cost.orders} orders, CPU ${cpuSeconds.toFixed(2)} s, wall ${wallSeconds.toFixed(2)} s, peak ${peakMiB} MiB`,
      );
    }
} finally {
  child.kill('SIGTERM');
}

/** CPU seconds for 100,000 orders, of the best round. */
const best = (what: string): number =>
  Math.min(...costs.filter((cost) => cost.what === what).map((cost) => (cost.cpuSeconds / cost.orders) * 100_000));
const ratio = best('engine') / best('bare');
const good = ratio <= mostRatio;
console.log(
  `engine over bare loop: ${ratio.toFixed(2)} times the CPU (${best('engine').toFixed(1)} s over ${best('bare').toFixed(1)} s for 100,000 orders; at most ${mostRatio})`,
);
console.log(good ? '1 passed, 0 failed' : '0 passed, 1 failed');
process.exitCode = good ? 0 : 1;
