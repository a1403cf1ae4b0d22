import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, beforeEach, vi } from 'vitest';

import { type DaemonProcess, Installation } from '../daemon/daemon-process.ts';
import { type Sandbox, startSandbox } from '../sandbox/sandbox.ts';
import { poll, searchPath } from './world.ts';

/** How long a `sync` takes at least, milliseconds: the API answers its one search no sooner. */
export const slowMs = 2000;

/** How long a program may take for a call before it counts as hanging, milliseconds. */
export const deadlineMs = 8000;

/** One request on one line, without its end. */
export const request = (method: string, params: object = {}, id: unknown = method): string =>
  JSON.stringify({ jsonrpc: '2.0', id, method, params });

/** A path in the folder of the clients that are programs of their own. */
export const clientScript = (name: string): string =>
  fileURLToPath(new URL(`../data/clients/${name}`, import.meta.url));

export interface Finished {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** From its start to its end, milliseconds. */
  readonly ms: number;
}

/**
 * Runs a program to its end. `input` is all that it reads; what it prints has to be UTF-8. Throws with what it printed
 * so far when it is not over by the deadline: then it and its children are killed.
 */
export const run = async (
  command: readonly [string, ...string[]],
  { input = '', env = {} }: { readonly input?: string | Uint8Array; readonly env?: Readonly<Record<string, string>> },
): Promise<Finished> => {
  const began = performance.now();
  const [program, ...args] = command;
  // A group of its own, so that a pipeline ends as a whole.
  const child = spawn(program, args, { env: { PATH: process.env['PATH'], ...env }, detached: true });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => (said[name] += text));
  // A program that ends before it has read everything closes its end.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const ended = Promise.withResolvers<number | null>();
  child.on('error', ended.reject).on('close', ended.resolve);
  const timer = setTimeout(() => {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    ended.reject(new Error(`${command.join(' ')}: not over after ${deadlineMs} ms; said ${JSON.stringify(said)}`));
  }, deadlineMs);
  try {
    return { status: await ended.promise, ...said, ms: performance.now() - began };
  } finally {
    clearTimeout(timer);
  }
};

/** Reads each line that is not empty as JSON. Throws when one is none. */
export const messagesIn = (text: string): unknown[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line): unknown => JSON.parse(line));

/** One daemon for all tests of a file, on a small shop whose API is slow once the first sync is done. */
export class SlowDaemon {
  #running: { readonly sandbox: Sandbox; readonly place: Installation; readonly daemon: DaemonProcess } | undefined;

  /** To be called where the tests are declared: starts before the first of them and ends after the last. */
  constructor() {
    beforeAll(async () => {
      const sandbox = await startSandbox({ orders: 200, frozen: true });
      const place = new Installation(sandbox);
      const daemon = place.start([], { SHOPSYNC_SCHEDULE_ORDERS: 'off' });
      this.#running = { sandbox, place, daemon };
      await vi.waitFor(() => {
        if (!daemon.isRunning) throw new Error(`the daemon ended: ${daemon.stderr}`);
        if (!daemon.stdout.includes('run succeeded')) throw new Error('the first sync is not done');
      }, poll);
      sandbox.faults.add({ kind: 'slow', ms: slowMs, match: searchPath });
    });
    // Else a `sync` would join the one that a failed test left behind, and be over too early.
    beforeEach(() =>
      vi.waitFor(async () => {
        const { streams } = await this.#now.place.status();
        if (streams.some(({ run: current }) => current !== null)) throw new Error('a run is under way');
      }, poll),
    );
    afterAll(async () => {
      await this.#running?.place[Symbol.asyncDispose]();
      await this.#running?.sandbox[Symbol.asyncDispose]();
    });
  }

  get socket(): string {
    return this.#now.place.socket;
  }

  get daemon(): DaemonProcess {
    return this.#now.daemon;
  }

  get #now() {
    if (this.#running === undefined) throw new Error('the daemon runs only while the tests do');
    return this.#running;
  }
}
