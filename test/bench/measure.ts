import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { loadConfig } from '../../daemon/config/load.ts';
import { startDaemon } from '../../daemon/daemon.ts';
import { keepHeapSmall } from '../../daemon/heap.ts';
import { createLog } from '../../daemon/log.ts';
import { connect } from '../../tui/client.ts';
import { bareLoop } from './bare-loop.ts';
import type { ShopFacts } from './shop-facts.ts';

/** Run as a process of its own: `node measure.js bare|engine FACTS`. Prints what one whole first sync cost it. */
const [, , what, text = '{}'] = process.argv;
const facts = JSON.parse(text) as ShopFacts;
const folder = mkdtempSync(join(tmpdir(), 'shopsync-bench-'));

async function engine(): Promise<number> {
  const env = {
    // What the bare loop reads.
    SHOPSYNC_SYNC_STREAMS: 'orders',
    SHOPSYNC_STATE_DIR: folder,
    SHOPSYNC_API_BASE_URL: facts.url,
    SHOPSYNC_API_AUTH_URL: facts.url,
    SHOPSYNC_API_REQUESTS_PER_SECOND: '10000',
    SHOPSYNC_SCHEDULE_ORDERS: 'off',
  };
  const socket = join(folder, 'control.sock');
  const daemon = await startDaemon({
    config: loadConfig({ env }).config,
    version: 'bench',
    socket,
    stateDir: folder,
    appKey: facts.appKey,
    secret: facts.appSecret,
    tokens: { accessToken: facts.accessToken, refreshToken: facts.refreshToken },
    log: createLog({ level: 'warn' }),
  });
  const client = await connect(socket);
  await client.call('sync', { wait: true });
  const { total } = await client.call('orders.counts', {});
  client.close();
  await daemon.stop();
  return total;
}

// Both sides run under the daemon's own rules for memory.
keepHeapSmall();

try {
  const cpu = process.cpuUsage();
  const began = performance.now();
  const orders = what === 'bare' ? await bareLoop(facts, join(folder, 'bare.db')) : await engine();
  const { user, system } = process.cpuUsage(cpu);
  const peakMiB = Math.round(process.resourceUsage().maxRSS / 1024);
  const wallSeconds = (performance.now() - began) / 1000;
  console.log(JSON.stringify({ what, orders, cpuSeconds: (user + system) / 1e6, wallSeconds, peakMiB }));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
