import { parseArgs } from 'node:util';

import { startSandbox } from './sandbox.ts';

const USAGE = `usage: main.js [--port 0] [--shops 1] [--regions GB,VN,…] [--orders 100000] [--seed 1] [--days 730] [--pace 1]
  [--products 500] [--products-on-one-day 0] [--product-changes 60] [--silent-stock] [--restated-days 3]
  [--rate 50] [--burst 50] [--analytics-rate 5] [--latency 20] [--tokens offset|keyset] [--no-lag] [--frozen] [--warm] [--with-parent]`;

/** Starts the sandbox as its own program; prints one JSON line on stdout when it listens. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '0' },
      shops: { type: 'string', default: '1' },
      regions: { type: 'string', default: '' },
      orders: { type: 'string', default: '100000' },
      seed: { type: 'string', default: '1' },
      days: { type: 'string', default: '730' },
      pace: { type: 'string', default: '1' },
      rate: { type: 'string', default: '50' },
      burst: { type: 'string' },
      'analytics-rate': { type: 'string', default: '5' },
      products: { type: 'string', default: '500' },
      'products-on-one-day': { type: 'string', default: '0' },
      'product-changes': { type: 'string', default: '60' },
      'silent-stock': { type: 'boolean', default: false },
      'restated-days': { type: 'string', default: '3' },
      latency: { type: 'string', default: '20' },
      tokens: { type: 'string', default: 'offset' },
      'no-lag': { type: 'boolean', default: false },
      frozen: { type: 'boolean', default: false },
      warm: { type: 'boolean', default: false },
      'with-parent': { type: 'boolean', default: false },
    },
  });
  const { tokens } = values;
  if (tokens !== 'offset' && tokens !== 'keyset') throw new TypeError(`--tokens is offset or keyset, not ${tokens}`);
  const sandbox = await startSandbox({
    port: integer('port', values.port, 0),
    shops: integer('shops', values.shops, 1),
    regions: values.regions.split(',').filter((region) => region !== ''),
    orders: integer('orders', values.orders, 0),
    seed: integer('seed', values.seed, 0),
    days: integer('days', values.days, 1),
    pace: number('pace', values.pace),
    rate: number('rate', values.rate),
    burst: values.burst === undefined ? undefined : integer('burst', values.burst, 1),
    analyticsRate: number('analytics-rate', values['analytics-rate']),
    products: integer('products', values.products, 0),
    productsOnOneDay: integer('products-on-one-day', values['products-on-one-day'], 0),
    productChanges: number('product-changes', values['product-changes']),
    stockMovesUpdateTime: !values['silent-stock'],
    restatedDays: integer('restated-days', values['restated-days'], 0),
    latencyMs: number('latency', values.latency),
    pageTokens: tokens,
    ...(values['no-lag'] ? { lag: { fraction: 0, least: 0, most: 0 } } : {}),
    frozen: values.frozen,
    warm: values.warm,
  });
  const { url, appKey, appSecret, accessToken, refreshToken } = sandbox;
  const shops = sandbox.shops.map(({ id, name, region }) => ({ id, name, region }));
  const orders = sandbox.shops.reduce((total, { world }) => total + world.size, 0);
  process.stdout.write(`${JSON.stringify({ url, appKey, appSecret, accessToken, refreshToken, shops, orders })}\n`);

  const stop = (): void => {
    // Nothing is kept that could be lost; what still runs then is a timer at most.
    void sandbox.close().finally(() => process.exit(0));
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  if (values['with-parent']) process.stdin.once('end', stop).once('error', stop).resume();
}

function number(name: string, text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0)
    throw new TypeError(`--${name} ${text} is not a number`);
  return value;
}

function integer(name: string, text: string, least: number): number {
  const value = number(name, text);
  if (!Number.isInteger(value) || value < least) throw new TypeError(`--${name} must be an integer from ${least} on`);
  return value;
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}\n`);
  process.exitCode = 64;
});
