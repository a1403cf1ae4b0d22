import type { Method, Params, Result } from '../shared/contract.ts';
import { cleanAll } from './clean.ts';
import type { Client } from './client.ts';
import { estimateWords, leftOutOf, readBefore } from './estimate-words.ts';
import { oneLine } from './failure.ts';
import { Link } from './link.ts';
import { type Place, placeParams, placeWords } from './place.ts';
import type { Reached } from './reach.ts';
import { silentAfterMs, underWay } from './state.ts';
import type { Store } from './store.ts';
import type { Meaning } from './theme.ts';
import { type Effect, withEstimate, withNotice, withoutEstimate } from './ui.ts';

const beatMs = 500;
/** A daemon that said nothing for this long is asked, in milliseconds. */
const quietMs = 1000;
/** How often the numbers of runs under way are asked for, in milliseconds. */
const refreshMs = 3000;
const runsShown = 40;
/** More runs that were started at once are counted, not named. */
const runsNamed = 3;
const answerTimeout = { timeoutMs: 5000 };
/** The estimate costs a request at the API, which may have to wait for its turn. */
const estimateTimeout = { timeoutMs: 30_000 };

export interface DriverOptions {
  readonly store: Store;
  readonly reach: () => Promise<Reached>;
  readonly quit: () => void;
  /** Unix milliseconds. */
  readonly now: () => number;
}

/** Everything that the screen does beside drawing: it keeps the store up to date, and carries out what keys ask for. */
export class Driver {
  readonly #options: DriverOptions;
  readonly #link: Link;
  readonly #over = new AbortController();
  #beat: NodeJS.Timeout | undefined;
  #heardMs: number | null = null;
  #asking = false;
  #refreshedMs = 0;

  constructor(options: DriverOptions) {
    const { store, now } = options;
    this.#options = options;
    this.#link = new Link({
      reach: options.reach,
      topics: ['runs', 'progress', 'counts', 'api'],
      now,
      signal: this.#over.signal,
      onEvent: (event) => {
        this.#heardMs = now();
        store.tell({ type: 'event', event: cleanAll(event) });
      },
      onState: (link) => {
        if (link.kind === 'up') this.#heardMs = now();
        store.tell({ type: 'link', link });
        this.#tick(true);
      },
      onUp: async (client, resumed) => {
        if (!resumed) await this.#refresh(client);
      },
    });
  }

  /** Ends when `stop` is called. */
  async run(): Promise<void> {
    this.#beat = setInterval(() => {
      this.#tick(false);
      void this.#askIfQuiet();
      void this.#followRuns();
    }, beatMs);
    await this.#link.run();
  }

  stop(): void {
    clearInterval(this.#beat);
    this.#over.abort();
    this.#options.store.stop();
  }

  perform(effect: Effect): void {
    switch (effect.type) {
      case 'quit':
        return this.#options.quit();
      case 'reconnect':
        return this.#link.reconnect();
      case 'sync':
        return this.#send('sync', placeParams(effect.place), ({ runs }) => this.#accepted(runs));
      case 'audit':
        return this.#send('audit', placeParams(effect.place), ({ runs }) => this.#accepted(runs));
      case 'cancel':
        for (const runId of effect.runIds) this.#send('cancel', { runId }, () => 'Cancelled at the edge of a page.');
        return;
      case 'fullResync':
        return this.#send('fullResync', placeParams(effect.place), (answer) =>
          'runs' in answer ? this.#accepted(answer.runs) : 'The daemon started nothing.',
        );
      case 'estimate':
        return void this.#estimate(effect.place);
    }
  }

  #accepted(runs: Result<'sync'>['runs']): string {
    const { status } = this.#options.store.state.daemon;
    const nameOf = (run: Place): string => (status === null ? (run.stream ?? '') : placeWords(status, run));
    if (runs.length === 0) return 'There is nothing to do.';
    if (runs.length > runsNamed) {
      const joined = runs.filter((run) => run.joined).length;
      return `${runs.length - joined} runs started${joined === 0 ? '' : `, ${joined} were under way and are joined`}.`;
    }
    const said = runs.map(
      (run) => `${nameOf(run)}: ${run.joined ? 'joined the run under way' : 'started'} (${run.kind})`,
    );
    return `${said.join(', ')}.`;
  }

  #notice(text: string, meaning: Meaning): void {
    const { store, now } = this.#options;
    store.show((ui) => withNotice(ui, text, meaning, now()));
  }

  #send<M extends Method>(method: M, params: Params<M>, words: (result: Result<M>) => string): void {
    const { client } = this.#link;
    if (client === undefined) return this.#notice('Not connected: nothing was sent.', 'waiting');
    client.call(method, params, answerTimeout).then(
      (result) => this.#notice(words(cleanAll(result)), 'good'),
      (error: unknown) => this.#notice(`${method}: ${oneLine(error)}`, 'bad'),
    );
  }

  async #estimate(place: Place | null): Promise<void> {
    const { store, now } = this.#options;
    try {
      const answer = await this.#link.client?.call(
        'fullResync',
        { ...placeParams(place), dryRun: true },
        estimateTimeout,
      );
      if (answer === undefined || !('estimate' in answer)) throw new Error('the daemon gave no estimate');
      const lines = [
        ...readBefore(answer.estimate),
        ...leftOutOf(answer.estimate),
        ...estimateWords(answer.estimate),
        'What is stored stays valid meanwhile.',
      ];
      store.show((ui) => withEstimate(ui, lines));
    } catch (error) {
      store.show((ui) => withoutEstimate(ui, `full resync: ${oneLine(error)}`, now()));
    }
  }

  /** What is shown is asked for as a whole: when events may have been missed, by a connection or otherwise. */
  async #refresh(client: Client): Promise<void> {
    const { store } = this.#options;
    this.#refreshedMs = this.#options.now();
    const { runs } = await client.call('history', { limit: runsShown }, answerTimeout);
    store.tell({ type: 'runs', runs: cleanAll(runs) });
  }

  /** The events tell of a run's begin and end; its numbers in between stand in the history. */
  async #followRuns(): Promise<void> {
    const { store, now } = this.#options;
    const { client } = this.#link;
    if (client === undefined || underWay(store.state.daemon.status).length === 0) return;
    if (now() - this.#refreshedMs < refreshMs) return;
    // A daemon that does not answer is noticed by its silence, and said by the header.
    await this.#refresh(client).catch(() => {});
  }

  /** Asks a silent daemon whether it is there. No answer is shown as silence, by the clock. */
  async #askIfQuiet(): Promise<void> {
    const { store, now } = this.#options;
    const { client } = this.#link;
    if (this.#asking || client === undefined || this.#heardMs === null || now() - this.#heardMs < quietMs) return;
    this.#asking = true;
    try {
      const status = cleanAll(await client.call('status', {}, answerTimeout));
      this.#heardMs = now();
      store.tell({ type: 'status', status });
      const busy = new Set(underWay(status).map(({ run }) => run?.runId));
      const lost = store.state.daemon.runs.some(({ state, runId }) => state === 'running' && !busy.has(runId));
      if (lost) await this.#refresh(client);
    } catch {
      // The silence is shown, and a connection that ended is the link's affair.
    } finally {
      this.#asking = false;
    }
  }

  /** Moves the clock of the screen: each second while seconds are on it, else every ten, so that idling costs nothing. */
  #tick(atOnce: boolean): void {
    const { store, now } = this.#options;
    const { daemon, ui } = store.state;
    const nowMs = now();
    const silent = this.#heardMs !== null && nowMs - this.#heardMs > silentAfterMs;
    const wasSilent = daemon.heardMs !== null && daemon.nowMs - daemon.heardMs > silentAfterMs;
    const fast = daemon.link.kind !== 'up' || silent || wasSilent || underWay(daemon.status).length > 0;
    if (ui.notice !== null && ui.notice.untilMs <= nowMs) store.show((old) => ({ ...old, notice: null }));
    if (!atOnce && nowMs - daemon.nowMs < (fast ? 950 : 10_000)) return;
    store.tell({ type: 'tick', nowMs, heardMs: this.#heardMs });
  }
}
