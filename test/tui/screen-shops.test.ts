import { expect, it, onTestFinished, vi } from 'vitest';

import { startDaemon } from './room.ts';
import { run, status } from './samples.ts';
import { manyShops } from './shops.ts';
import { Terminal } from './terminal.ts';

vi.setConfig({ testTimeout: 30_000 });

const screen = async (of = manyShops(3)) => {
  const daemon = await startDaemon(of);
  const terminal = new Terminal({ args: ['--socket', daemon.path] });
  onTestFinished(() => terminal.kill());
  return { daemon, terminal };
};

it('the arrows select a stream of a shop, s and F act on it alone, and the last runs name both', async () => {
  const { daemon, terminal } = await screen();
  daemon.scripts.set('history', () => ({
    runs: [run({ runId: 'x', shop: '7490000000000000002', stream: 'cancellations' })],
  }));
  await terminal.until('Streams of 3 shops');
  await terminal.until(/✓ succeeded +Sandb…rope C +cancellations +incremental/);
  daemon.scripts.set('sync', () => ({
    runs: [{ runId: 'y', shop: '7490000000000000001', stream: 'orders', kind: 'incremental', joined: false }],
  }));
  terminal.type('\u001b[C');
  await terminal.until(/❯ Sandbox Company Europe A/);
  terminal.type('\u001b[C');
  await terminal.until(/❯ Sandbox Company Europe B/);
  terminal.type('\u001b[B');
  await terminal.until('s, F, a and c act on orders of Sandbox Company Europe B');
  terminal.type('s');
  await terminal.until('orders of Sandbox Company Europe B: started (incremental)');
  terminal.type('F');
  await terminal.until('Read orders of Sandbox Company Europe B again?');
  const place = { shop: '7490000000000000001', stream: 'orders' };
  expect([daemon.called('sync'), daemon.called('fullResync')]).toEqual([[place], [{ ...place, dryRun: true }]]);
});

it('what 18 runs were started for is counted', async () => {
  const { daemon, terminal } = await screen();
  daemon.scripts.set('sync', () => ({
    runs: manyShops(3).streams.map(({ shop, stream }, at) => ({
      runId: `r${at}`,
      shop,
      stream,
      kind: 'incremental',
      joined: at < 4,
    })),
  }));
  await terminal.until('● connected');
  terminal.type('s');
  await terminal.until('14 runs started, 4 were under way and are joined.');
  expect(daemon.called('sync')).toEqual([{}]);
});

it('F tells of a full run that did not end and is gone on from', async () => {
  const { daemon, terminal } = await screen(status());
  const at = new Date(Date.now() - 200_000).toISOString();
  const left = { stream: 'orders', runId: 'r', state: 'cancelled', at, done: 1064, left: 1941 };
  const goesOn = Array.from({ length: 5 }, () => ({ ...left, shop: '7000000000001' }));
  const estimate = { requests: 21, seconds: 4, orders: 1941, records: 1941 };
  daemon.scripts.set('fullResync', () => ({ estimate: { ...estimate, goesOn: goesOn.slice(0, 1) } }));
  await terminal.until('● connected');
  terminal.type('F');
  await terminal.until('1,064 of 3,005 were read before, and are not again');
  terminal.type('\r');
  await terminal.until((shown) => !shown.includes('1,064'));
  daemon.scripts.set('fullResync', () => ({ estimate: { ...estimate, goesOn } }));
  terminal.type('F');
  await terminal.until('5,320 of 15,025 were read before');
});
