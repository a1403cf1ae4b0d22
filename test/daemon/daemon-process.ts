import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import Database from 'better-sqlite3';
import { z } from 'zod';

import { type Run, run } from '../../shared/run-views.ts';
import { type Status, status } from '../../shared/views.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';

/** The daemon as it is shipped. */
export const daemonEntry =
  process.env['SHOPSYNC_TEST_DAEMON'] ?? fileURLToPath(new URL('../../dist/daemon/main.js', import.meta.url));

const object = z.record(z.string(), z.unknown());
const answer = z.object({ result: z.unknown().optional(), error: z.object({ message: z.string() }).optional() });

export interface Exited {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** One daemon process: what it has said, and its end. */
export class DaemonProcess {
  stdout = '';
  stderr = '';
  readonly exited: Promise<Exited>;
  readonly #child: ChildProcess;

  /** @param sockets descriptors of listening sockets that it gets as 3, 4, …, as systemd would pass them. */
  constructor(args: readonly string[], env: Readonly<Record<string, string>>, sockets: readonly number[] = []) {
    const command = [process.execPath, daemonEntry, ...args];
    // Only the process itself knows its pid in time.
    const told = ['sh', '-c', `LISTEN_FDS=${sockets.length} LISTEN_PID=$$ exec "$@"`, 'sh', ...command];
    const [program = '', ...rest] = sockets.length === 0 ? command : told;
    const child = spawn(program, rest, { env, stdio: ['ignore', 'pipe', 'pipe', ...sockets] });
    this.#child = child;
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    const exited = Promise.withResolvers<Exited>();
    this.exited = exited.promise;
    child.on('error', exited.reject).on('close', (status, signal) => exited.resolve({ status, signal }));
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  kill(signal: NodeJS.Signals): Promise<Exited> {
    this.#child.kill(signal);
    return this.exited;
  }

  /** Every line of its log. Throws when one is not a JSON object. */
  get log(): Record<string, unknown>[] {
    return this.stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => object.parse(JSON.parse(line)));
  }
}

/** A folder of its own, with everything that a daemon on a sandbox needs in the environment. */
export class Installation implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'shopsyncd-'));
  readonly #processes: DaemonProcess[] = [];
  readonly #sandbox: Pick<Sandbox, 'url' | 'appKey' | 'appSecret' | 'accessToken' | 'refreshToken'> | undefined;

  constructor(sandbox?: Sandbox) {
    this.#sandbox = sandbox;
  }

  get database(): string {
    return join(this.folder, 'shopsync.db');
  }

  get socket(): string {
    return join(this.folder, 'run', 'control.sock');
  }

  get env(): Record<string, string> {
    const sandbox = this.#sandbox;
    return {
      PATH: process.env['PATH'] ?? '',
      HOME: this.folder,
      SHOPSYNC_STATE_DIR: this.folder,
      // The same programs start hundreds of times: compiled once, each starts a sixth sooner.
      NODE_COMPILE_CACHE: join(tmpdir(), 'shopsync-compile-cache'),
      // One stream, where a test is not about streams: what it counts is then its own.
      SHOPSYNC_SYNC_STREAMS: 'orders',
      ...(sandbox !== undefined && {
        SHOPSYNC_API_BASE_URL: sandbox.url,
        SHOPSYNC_API_AUTH_URL: sandbox.url,
        SHOPSYNC_API_APP_KEY: sandbox.appKey,
        SHOPSYNC_APP_SECRET: sandbox.appSecret,
        SHOPSYNC_ACCESS_TOKEN: sandbox.accessToken,
        SHOPSYNC_REFRESH_TOKEN: sandbox.refreshToken,
      }),
      SHOPSYNC_API_REQUESTS_PER_SECOND: '1000',
    };
  }

  start(
    args: readonly string[] = [],
    env: Readonly<Record<string, string>> = {},
    sockets: readonly number[] = [],
  ): DaemonProcess {
    const daemon = new DaemonProcess(args, { ...this.env, ...env }, sockets);
    this.#processes.push(daemon);
    return daemon;
  }

  /** One call, half-closed as `nc` would; the result, or the error as an Error. */
  async call(method: string, params: object = {}): Promise<unknown> {
    const socket = connect(this.socket);
    socket.setEncoding('utf8').end(`${JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })}\n`);
    let text = '';
    for await (const chunk of socket) text += String(chunk);
    const { result, error } = answer.parse(JSON.parse(text));
    if (error !== undefined) throw new Error(error.message);
    return result;
  }

  async status(): Promise<Status> {
    return status.parse(await this.call('status'));
  }

  /** Runs, oldest first. */
  async history(): Promise<Run[]> {
    const { runs } = z.object({ runs: z.array(run) }).parse(await this.call('history', { limit: 500 }));
    return runs.toReversed();
  }

  /** Rows of the database, read beside the daemon as `sqlite3` would. */
  rows(question: string): Record<string, unknown>[] {
    const database = new Database(this.database, { timeout: 5000 }).exec('pragma query_only = true');
    try {
      return z.array(object).parse(database.prepare(question).all([]));
    } finally {
      database.close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const daemon of this.#processes) if (daemon.isRunning) await daemon.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }
}
