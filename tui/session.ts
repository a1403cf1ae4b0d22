import { configuredSocket } from '../shared/configured-socket.ts';
import type { Method, Params, Result } from '../shared/contract.ts';
import { clientSockets } from '../shared/paths.ts';
import { cleanAll, json } from './clean.ts';
import { ConnectError } from './client.ts';
import { Unsuccessful, exit } from './failure.ts';
import { type Host, colorsOn } from './host.ts';
import { connectWords } from './mend.ts';
import { type Reached, reach } from './reach.ts';
import { type Paint, painter } from './theme.ts';
import { milliseconds } from './times.ts';

/** Without --timeout, a daemon that accepts and never answers is given up in the end. */
const answerTimeout = { timeoutMs: 60_000 };

/** The options that every command takes. */
export interface Globals {
  readonly socket?: string;
  readonly json?: boolean;
  readonly timeout?: string;
  readonly color: boolean;
}

/** What a command works with: the daemon, the options that all commands share, and the output. */
export class Session {
  readonly host: Host;
  readonly #globals: () => Globals;
  readonly #over = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #expired: Promise<never> | undefined;

  constructor(host: Host, globals: () => Globals) {
    this.host = host;
    this.#globals = globals;
  }

  get options(): Globals {
    return this.#globals();
  }

  /** Aborted when the command ends or --timeout has passed. */
  get signal(): AbortSignal {
    return this.#over.signal;
  }

  /** Colours for stdout, or none where they are not wanted. */
  get paint(): Paint {
    return painter(colorsOn(this.host, this.host.stdout, this.options.color));
  }

  /** Starts the clock of --timeout. Throws UsageError when it is no duration. */
  begin(): void {
    const { timeout } = this.options;
    if (timeout === undefined) return;
    const expired = Promise.withResolvers<never>();
    expired.promise.catch(() => {});
    this.#expired = expired.promise;
    this.#timer = setTimeout(() => {
      expired.reject(new Unsuccessful(`no end within ${timeout} (--timeout)`, exit.timeout));
    }, milliseconds(timeout));
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#over.abort();
  }

  /** The work's result, unless --timeout passes first: then it throws, and the exit status is 4. */
  async within<T>(work: Promise<T>): Promise<T> {
    return await (this.#expired === undefined ? work : Promise.race([work, this.#expired]));
  }

  /** Opens a connection, which the caller closes. Throws Unsuccessful with exit status 2. */
  async open(wants: 'reading' | 'everything'): Promise<Reached> {
    const { socket: named } = this.options;
    const { socket: configured, problem } = named === undefined ? await configuredSocket(this.host.env) : {};
    const places = clientSockets(this.host.env, { named, configured }).map(({ path }) => path);
    // A socket that a person named stands alone: a slip of the finger must not steer another daemon.
    const paths = named === undefined ? places : places.slice(0, 1);
    try {
      return await this.within(reach(paths, wants));
    } catch (error) {
      if (!(error instanceof ConnectError)) throw error;
      const others = paths.filter((path) => path !== error.path);
      const words = connectWords(error, others);
      throw new Unsuccessful(problem === undefined ? words : `${words} (not read: ${problem})`, exit.noDaemon);
    }
  }

  /** One reading call over a connection of its own. Throws Unsuccessful, RpcError, TimeoutError. */
  async ask<M extends Method>(method: M, params?: Params<M>): Promise<Result<M>> {
    return await this.#once('reading', method, params);
  }

  /** One call that changes something, over a connection of its own. Throws as `ask` does. */
  async tell<M extends Method>(method: M, params?: Params<M>): Promise<Result<M>> {
    return await this.#once('everything', method, params);
  }

  /** The result of a command: the JSON of `result`, or lines for people made of a copy that is safe to show. */
  print<T>(result: T, lines: (safe: T) => readonly string[]): void {
    const out = this.options.json === true ? [json(result)] : lines(cleanAll(result));
    if (out.length > 0) this.host.stdout.write(`${out.join('\n')}\n`);
  }

  async #once<M extends Method>(
    wants: 'reading' | 'everything',
    method: M,
    params: Params<M> | undefined,
  ): Promise<Result<M>> {
    const { client } = await this.open(wants);
    try {
      return await this.within(client.call(method, params, answerTimeout));
    } finally {
      client.close();
    }
  }
}
