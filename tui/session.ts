import { configuredSocket } from '../shared/configured-socket.ts';
import type { Method, Params, Result } from '../shared/contract.ts';
import { clientSockets } from '../shared/paths.ts';
import { PROTOCOL } from '../shared/protocol.ts';
import { version } from '../shared/version.ts';
import { cleanAll, json } from './clean.ts';
import { ConnectError, RpcError, TimeoutError } from './client.ts';
import { Unsuccessful, exit, oneLine } from './failure.ts';
import { type Host, colorsOn } from './host.ts';
import { connectWords, silenceWords } from './mend.ts';
import { type Reached, reach } from './reach.ts';
import { shellWords } from './shell-words.ts';
import { skewWords } from './skew.ts';
import { type Paint, painter } from './theme.ts';
import { typedTimeout } from './times.ts';

/** Without --timeout: how long a daemon is given to say its first word, and to answer what starts nothing, milliseconds. */
const patience = 30_000;
/** The same for what may start something, which may have to ask TikTok first. */
const startPatience = 60_000;
/** What a daemon has for a word about itself once it has answered, milliseconds. */
const wordWithin = { timeoutMs: 2000 };

/** The options that every command takes. */
export interface Globals {
  readonly socket?: string;
  readonly json?: boolean;
  readonly timeout?: string;
  readonly color: boolean;
}

/** `reading` may go through observe.sock where control.sock may not be opened. */
export type Wants = 'reading' | 'everything';

/** What a command works with: the daemon, the options that all commands share, and the output. */
export class Session {
  readonly host: Host;
  readonly #globals: () => Globals;
  readonly #over = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #expired: Promise<never> | undefined;
  /** The socket of a daemon that has been asked and has not said a word. */
  #silent: string | undefined;

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
    const limit = timeout === undefined ? undefined : typedTimeout(timeout);
    if (limit === undefined) return;
    const expired = Promise.withResolvers<never>();
    expired.promise.catch(() => {});
    this.#expired = expired.promise;
    this.#timer = setTimeout(() => {
      const words =
        this.#silent === undefined
          ? `no end within ${timeout} (--timeout)`
          : silenceWords(this.#silent, `${timeout} (--timeout)`, this.host);
      expired.reject(new Unsuccessful(words, exit.timeout));
    }, limit);
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#over.abort();
  }

  /** How long a call may take by itself; --timeout takes its place. */
  patience(wants: Wants): { readonly timeoutMs?: number } {
    if (this.options.timeout !== undefined) return {};
    return { timeoutMs: wants === 'reading' ? patience : startPatience };
  }

  /** The work's result, unless --timeout passes first: then it throws, and the exit status is 4. */
  async within<T>(work: Promise<T>): Promise<T> {
    return await (this.#expired === undefined ? work : Promise.race([work, this.#expired]));
  }

  /** A command line of this client that goes to the same daemon, to be pasted. */
  commandLine(...words: readonly string[]): string {
    const { socket } = this.options;
    return shellWords(['shopsync', ...words, ...(socket === undefined ? [] : ['--socket', socket])]);
  }

  /** Opens a connection, which the caller closes. Throws Unsuccessful with exit status 2. */
  async open(wants: Wants): Promise<Reached> {
    const { env, args } = this.host;
    const { socket: named } = this.options;
    const { socket: configured, problem } = named === undefined ? await configuredSocket(env) : {};
    const places = clientSockets(env, { named, configured }).map(({ path }) => path);
    // A socket that a person named stands alone: a slip of the finger must not steer another daemon.
    const paths = named === undefined ? places : places.slice(0, 1);
    try {
      return await this.within(reach(paths, wants));
    } catch (error) {
      if (!(error instanceof ConnectError)) throw error;
      const others = paths.filter((path) => path !== error.path);
      const words = connectWords(error, others, { env, configured, args });
      // The command that mends it comes last, so that it can be taken from there.
      throw new Unsuccessful(problem === undefined ? words : `config not read: ${problem}; ${words}`, exit.noDaemon);
    }
  }

  /**
   * Does something over a connection of its own, and sees to it that both sides speak the same protocol: where they do
   * not, reading goes on with a word on stderr, and nothing else is tried. Throws Unsuccessful and what `work` throws.
   */
  async over<T>(wants: Wants, work: (reached: Reached) => Promise<T>): Promise<T> {
    const reached = await this.open(wants);
    const skew = this.greet(reached);
    try {
      if (wants === 'everything') {
        const words = await this.within(skew);
        if (words !== undefined) throw new Unsuccessful(words);
      }
      const result = await this.within(Promise.race([work(reached), this.#unheard(skew)]));
      const words = await this.within(skew);
      if (words !== undefined) this.host.stderr.write(`shopsync: ${words}\n`);
      return result;
    } catch (error) {
      if (error instanceof TimeoutError) {
        const look = this.commandLine('status');
        throw new Unsuccessful(`${error.message}; what was asked for may still happen: ${look}`, exit.timeout);
      }
      // What an other protocol may be the cause of says so.
      const words = error instanceof RpcError ? await this.within(skew) : undefined;
      if (words === undefined) throw error;
      throw new Unsuccessful(`${oneLine(error)}; ${words}`);
    } finally {
      reached.client.close();
    }
  }

  /** Never resolves. Throws Unsuccessful (4) when all that was heard of the daemon is nothing. */
  async #unheard(greeting: Promise<unknown>): Promise<never> {
    await greeting;
    if (this.#silent === undefined) return await new Promise<never>(() => {});
    throw new Unsuccessful(silenceWords(this.#silent, `${patience / 1000} s`, this.host), exit.timeout);
  }

  /** Says hello; resolves with what to say about a daemon of another protocol. A daemon that says no more gets no word. */
  async greet({ client, path }: Reached): Promise<string | undefined> {
    this.#silent = path;
    try {
      const told = { client: `shopsync ${version()}`, protocol: PROTOCOL };
      const hello = await client.call('hello', told, this.patience('reading'));
      this.#silent = undefined;
      if (hello.protocol === PROTOCOL) return undefined;
      const { pid } = await client.call('status', {}, wordWithin).catch(() => ({ pid: undefined }));
      return skewWords(hello, { socket: path, pid, args: this.host.args });
    } catch (error) {
      if (!(error instanceof TimeoutError)) this.#silent = undefined;
      return undefined;
    }
  }

  /** One reading call over a connection of its own. Throws Unsuccessful, RpcError, TimeoutError. */
  async ask<M extends Method>(method: M, params?: Params<M>): Promise<Result<M>> {
    return await this.over('reading', ({ client }) => client.call(method, params, this.patience('reading')));
  }

  /** One call that changes something. Throws as `ask` does. `long`: its answer may come after an hour. */
  async tell<M extends Method>(method: M, params?: Params<M>, { long = false } = {}): Promise<Result<M>> {
    const options = long ? {} : this.patience('everything');
    return await this.over('everything', ({ client }) => client.call(method, params, options));
  }

  /** The result of a command: the JSON of `result`, or lines for people made of a copy that is safe to show. */
  print<T>(result: T, lines: (safe: T) => readonly string[]): void {
    const out = this.options.json === true ? [json(result)] : lines(cleanAll(result));
    if (out.length > 0) this.host.stdout.write(`${out.join('\n')}\n`);
  }
}
