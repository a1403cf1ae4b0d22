import { type SpawnOptionsWithoutStdio, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The client as it is shipped. */
export const entry =
  process.env['SHOPSYNC_TEST_ENTRY'] ?? fileURLToPath(new URL('../../dist/tui/main.js', import.meta.url));

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A client process under way: what it has said so far, and its end. */
export class ClientProcess {
  stdout = '';
  stderr = '';
  readonly ended: Promise<Ended>;
  readonly #child;

  /** @param input what stands on its standard input; null: it stays open, and nothing comes. */
  constructor(args: readonly string[], options: SpawnOptionsWithoutStdio = {}, input: string | null = '') {
    const child = spawn(process.execPath, [entry, ...args], { stdio: ['pipe', 'pipe', 'pipe'], ...options });
    this.#child = child;
    // It need not read what it is given.
    child.stdin.on('error', () => {});
    if (input !== null) child.stdin.end(input);
    child.stdout.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    const ended = Promise.withResolvers<Ended>();
    this.ended = ended.promise;
    child.on('close', (status) => ended.resolve({ status, stdout: this.stdout, stderr: this.stderr }));
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Stops reading its output, as `head` does. */
  hangUp(): void {
    this.#child.stdout.destroy();
  }
}

export const runClient = async (
  args: readonly string[],
  options?: SpawnOptionsWithoutStdio,
  input?: string | null,
): Promise<Ended> => await new ClientProcess(args, options, input).ended;

/** Waits for a condition, never for a time; throws when it does not come in time. */
export const eventually = async (holds: () => boolean, what: string, withinMs = 8000): Promise<void> => {
  const deadline = Date.now() + withinMs;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`did not come: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};
