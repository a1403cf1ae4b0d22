import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { $, type ProcessPromise, sleep } from 'zx';

import type { Run } from '../shared/run-views.ts';
import { usualStreams } from '../shared/streams.ts';
import { connect } from '../tui/client.ts';

/**
 * The sandbox shop, the daemon and the screen on it, with nothing to configure and nothing of the user's own shopsync
 * touched. Without a terminal: one full and one incremental sync with progress lines and a summary.
 */

/** TikTok's documented quota, requests a second per endpoint. */
const rate = 50;
const orders = 100_000;
/** How long the daemon may take to open its socket, milliseconds. */
const startWithinMs = 30_000;

const program = (path: string): string => join(new URL('..', import.meta.url).pathname, path);
const state = join(process.env['XDG_STATE_HOME'] || join(homedir(), '.local', 'state'), 'shopsync-sandbox');
const socket = join(state, 'run', 'control.sock');
const logFile = join(state, 'daemon.log');
const terminal = process.stdin.isTTY && process.stdout.isTTY;

/** Nothing that configures a shopsync of the user's own, or one under systemd, reaches these programs. */
const foreign = /^(SHOPSYNC_|(STATE|RUNTIME|CONFIGURATION|CREDENTIALS)_DIRECTORY$|NOTIFY_SOCKET$|LISTEN_)/;
const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));

rmSync(state, { recursive: true, force: true });
mkdirSync(join(state, 'run'), { recursive: true, mode: 0o700 });
const config = join(state, 'shopsync.toml');
writeFileSync(config, '# Everything comes from the environment.\n');

const children: ProcessPromise[] = [];
const clients = new Set<ProcessPromise>();
let ending = false;
const quiet = $({ quiet: true, nothrow: true, env: inherited });

async function startShop(): Promise<Readonly<Record<string, unknown>>> {
  const shop = quiet({
    stdio: ['pipe', 'pipe', 'inherit'],
  })`exec node ${program('test/sandbox/main.js')} --with-parent --orders ${orders} --rate ${rate} --analytics-rate ${rate}`;
  children.push(shop);
  const ended = shop.then((result) => Promise.reject(new Error(`the sandbox shop ended (exit ${result.exitCode})`)));
  const lines: unknown = await Promise.race([once(createInterface({ input: shop.stdout }), 'line'), ended]);
  const told: unknown = Array.isArray(lines) ? JSON.parse(String(lines[0])) : undefined;
  if (typeof told !== 'object' || told === null) throw new Error('the sandbox shop did not tell where it is');
  return { ...told };
}

/** @returns a promise that rejects when the daemon ends before it is told to, and never resolves. */
function startDaemon(shop: Readonly<Record<string, unknown>>): Promise<never> {
  const env = {
    ...inherited,
    SHOPSYNC_STATE_DIR: state,
    SHOPSYNC_RPC_SOCKET: socket,
    SHOPSYNC_API_BASE_URL: String(shop['url']),
    SHOPSYNC_API_AUTH_URL: String(shop['url']),
    SHOPSYNC_API_APP_KEY: String(shop['appKey']),
    SHOPSYNC_API_REQUESTS_PER_SECOND: String(rate),
    SHOPSYNC_APP_SECRET: String(shop['appSecret']),
    SHOPSYNC_ACCESS_TOKEN: String(shop['accessToken']),
    SHOPSYNC_REFRESH_TOKEN: String(shop['refreshToken']),
  };
  const daemon = quiet({ env })`exec node ${program('daemon/main.js')} --config ${config} >${logFile}`;
  children.push(daemon);
  return daemon.then(({ exitCode, stderr }) => {
    if (ending) return new Promise<never>(() => undefined);
    throw new Error(`the daemon ended (exit ${exitCode}): ${stderr.trim()}; its log is ${logFile}`);
  });
}

/** Waits until the daemon answers on its socket. */
async function answers(): Promise<void> {
  const until = Date.now() + startWithinMs;
  for (;;) {
    try {
      const peer = await connect(socket);
      await peer.call('hello', {});
      peer.close();
      return;
    } catch (error) {
      if (Date.now() > until)
        throw new Error(`the daemon does not answer at ${socket}; its log is ${logFile}`, { cause: error });
      await sleep(20);
    }
  }
}

async function client(args: readonly string[], stdio: 'inherit' | 'pipe'): Promise<number | null> {
  const command = quiet({ stdio, detached: false });
  const running = command`exec node ${program('tui/main.js')} --socket ${socket} ${args}`;
  clients.add(running);
  const { exitCode } = await running;
  clients.delete(running);
  return exitCode;
}

async function history(): Promise<readonly Run[]> {
  const peer = await connect(socket);
  const { runs } = await peer.call('history', {});
  peer.close();
  return runs;
}

/** What a stream's newest run of a kind did. */
const runLine = ({ kind, stream, requests, seen, inserted, updated, startedAt, finishedAt }: Run): string => {
  const seconds = (Date.parse(finishedAt ?? startedAt) - Date.parse(startedAt)) / 1000;
  const noun = stream === 'analytics' ? 'days' : stream;
  return `${kind}: ${seen} ${noun} seen, ${inserted} inserted, ${updated} updated, ${requests} requests, ${seconds.toFixed(1)} s`;
};

/** One full and one incremental sync, each a line at a time. */
async function syncTwice(): Promise<number> {
  // The daemon has begun the full sync by itself; asking for it joins the run.
  for (const [name, command] of [
    ['full', 'full-resync'],
    ['incremental', 'sync'],
  ] as const) {
    console.log(`${name} sync of the sandbox shop at ${rate} requests a second`);
    const status = await client([command, '--wait'], 'inherit');
    if (status !== 0) return status ?? 1;
  }
  const runs = await history();
  for (const kind of ['full', 'incremental'] as const)
    for (const name of usualStreams) {
      const run = runs.find(({ kind: its, stream }) => its === kind && stream === name);
      if (run !== undefined) console.log(runLine(run));
    }
  console.log(
    `at ${rate} requests a second, the API's documented quota; the database is ${join(state, 'shopsync.db')}`,
  );
  return 0;
}

/** Ends the daemon before the shop it talks to. */
async function end(): Promise<void> {
  ending = true;
  for (const client of clients) client.child?.kill('SIGTERM');
  await Promise.all(clients);
  for (const child of children.toReversed()) {
    child.child?.kill('SIGTERM');
    await child;
  }
}

// A signal ends all three.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(signal, () => void end().finally(() => process.exit(signal === 'SIGINT' ? 130 : 143)));

try {
  // The screen waits for its daemon by itself, so that it is there at once.
  const screen = terminal ? client([], 'inherit') : undefined;
  const daemonEnded = startDaemon(await startShop());
  const work = screen ?? answers().then(syncTwice);
  process.exitCode = (await Promise.race([work, daemonEnded])) ?? 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
} finally {
  await end();
}
