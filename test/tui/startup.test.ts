import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it, onTestFinished, vi } from 'vitest';

import { PROTOCOL } from '../../shared/protocol.ts';
import { entry, runClient } from './client-process.ts';
import { folder, startDaemon } from './room.ts';
import { run, schedules } from './samples.ts';

vi.setConfig({ testTimeout: 60_000 });

const spy = `
import { appendFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
registerHooks({
  load(url, context, next) {
    appendFileSync(process.env.LOADED_FILE, url + '\\n');
    return next(url, context);
  },
});
`;

/** Every module that a command loads, by what was told to Node's own loader. */
const loadedBy = async (args: readonly string[]): Promise<readonly string[]> => {
  const place = folder();
  const hook = join(place, 'spy.mjs');
  const list = join(place, 'loaded');
  writeFileSync(hook, spy);
  const env = { ...process.env, LOADED_FILE: list, NODE_OPTIONS: `--import=${hook}` };
  const { status, stderr } = await runClient(args, { env });
  expect([status, stderr]).toEqual([0, '']);
  return readFileSync(list, 'utf8').trim().split('\n');
};

const packageOf = (url: string): readonly string[] => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.slice(1) ?? [];

describe('a plain command starts quickly: it loads', () => {
  it.each([
    [['status']],
    [['status', '--json']],
    [['sync']],
    [['history']],
    [['orders', 'counts']],
    [['logs']],
    [['schedule']],
    [['call', 'status']],
  ])('%j: no screen, no schemas and nothing of the daemon', async (args) => {
    const daemon = await startDaemon();
    daemon.scripts.set('sync', () => ({ runs: [] }));
    daemon.scripts.set('history', () => ({ runs: [run()] }));
    daemon.scripts.set('orders.counts', () => ({ total: 0, groups: [] }));
    daemon.scripts.set('logs', () => ({ lines: [] }));
    daemon.scripts.set('schedule.get', () => schedules());
    const loaded = await loadedBy([...args, '--socket', daemon.path]);
    expect(loaded.some((url) => url.endsWith('/tui/client.js'))).toBe(true);
    expect(new Set(loaded.flatMap(packageOf))).toEqual(new Set(['commander', 'json-rpc-2.0']));
    expect(loaded.filter((url) => /\/dist\/(daemon|scripts|test)\/|\.tsx?$|screen|contract/.test(url))).toEqual([]);
  });
});

/** Best of several, since the machine has other work, milliseconds. */
const best = (args: readonly string[], times: number): number =>
  Math.min(
    ...Array.from({ length: times }, () => {
      const began = performance.now();
      expect(spawnSync(process.execPath, args).status).toBe(0);
      return performance.now() - began;
    }),
  );

/** A daemon in a process of its own, since the one that measures is blocked while it waits. */
const elsewhere = async (): Promise<string> => {
  const place = folder();
  const socket = join(place, 'control.sock');
  const script = join(place, 'daemon.mjs');
  const { status } = await startDaemon();
  writeFileSync(
    script,
    `
    import { createServer } from 'node:net';
    import { createInterface } from 'node:readline';
    const status = ${JSON.stringify(status)};
    const hello = { server: 'shopsyncd', version: '0', protocol: ${PROTOCOL}, instanceId: 'x', capabilities: [] };
    createServer((socket) => {
      createInterface({ input: socket }).on('line', (line) => {
        const { id, method } = JSON.parse(line);
        socket.write(JSON.stringify({ jsonrpc: '2.0', id, result: method === 'hello' ? hello : status }) + '\\n');
      });
    }).listen(process.argv[2], () => process.stdout.write('ready'));
    `,
  );
  const daemon = spawn(process.execPath, [script, socket], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void daemon.kill());
  await once(daemon.stdout, 'data');
  return socket;
};

it('status is there in under 250 ms, on a machine that starts an empty Node in 40', async () => {
  const socket = await elsewhere();
  const empty = best(['-e', '0'], 7);
  const status = best([entry, 'status', '--socket', socket], 7);
  console.log(`status ${status.toFixed(0)} ms, an empty Node ${empty.toFixed(0)} ms`);
  expect(status).toBeLessThan(250 * Math.max(1, empty / 40));
});
