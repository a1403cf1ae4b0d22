import { AppError } from '../../../daemon/errors.ts';
import type { Store } from '../../../daemon/store/store.ts';
import { Stopped } from '../../../daemon/sync/failures.ts';
import type { Ask } from '../../../daemon/sync/planner.ts';
import type { ApiRequest } from '../../../daemon/tiktok/api.ts';
import { arm, disarm } from './history-judges.ts';
import { Ledger } from './history-ledger.ts';
import { LivingShop, createRandom } from './history-world.ts';
import { type History, type Step, type Trouble, type Wish } from './history.ts';
import { Workshop } from './workshop.ts';

/** Answers of one step at most: an engine that asks more has no end (rule 11). */
const mostAnswers = 6000;

/** One history being lived: a shop, an engine, and a hand that lets answers arrive, in any order, or kills. */
export class Lab {
  readonly workshop: Workshop;
  readonly world: LivingShop;
  readonly ledger: Ledger;
  readonly #history: History;
  readonly #random: () => number;
  #waiting: (() => void)[] = [];
  #trouble: Trouble | null = null;
  #requests = 0;
  #commits = 0;
  #killed = false;
  /** While it is still, the world does not change and time stands. */
  #still = false;

  private constructor(workshop: Workshop, history: History, ledger: Ledger) {
    this.workshop = workshop;
    this.#history = history;
    this.ledger = ledger;
    this.#random = createRandom(history.seed);
    this.world = new LivingShop(workshop.shop, history, this.#random, () => workshop.clock.now);
  }

  static async open(history: History, template: string): Promise<Lab> {
    const { tokens, sorting, walkers } = history;
    // A short page is in any order by luck, time and again; the API's own have 100.
    const pageSize = sorting === 'ignored' ? Math.max(10, history.pageSize) : history.pageSize;
    const ledger = new Ledger();
    let made: Lab | undefined;
    const lab = (): Lab => {
      if (made === undefined) throw new Error('a request before the history began');
      return made;
    };
    const workshop = await Workshop.open({
      pageSize,
      tokens,
      sorting,
      walkers,
      template,
      grain: Math.ceil(pageSize / 3),
      since: 1_790_000_000 - 4_000_000,
      opened: (store) => (made === undefined ? undefined : made.#watch(store)),
      before: (_n, request) => lab().#asked(request),
      after: () => lab().#onTheWay(),
      bend: (data) => lab().#bend(data),
      ran: (run) => ledger.ran(run, workshop.clock.now),
      progressed: (progress) => ledger.progressed(progress),
    });
    made = new Lab(workshop, history, ledger);
    made.#watch(workshop.store);
    return made;
  }

  /** Everything is quiet when it returns: no run under way, no answer on its way. */
  async take(step: Step): Promise<void> {
    this.#requests = 0;
    this.#commits = 0;
    this.#trouble = null;
    switch (step.do) {
      case 'run':
        this.#trouble = step.trouble;
        this.#ask(step.wish);
        return this.#pump(step.beside);
      case 'world':
        for (let i = 0; i < step.placed; i++) this.world.place();
        for (let i = 0; i < step.changed; i++) this.world.change();
        for (let i = 0; i < step.odd; i++) this.world.leap();
        return;
      case 'advance':
        this.workshop.clock.advance(step.seconds);
        return this.#pump();
      case 'restart': {
        const closed = this.workshop.sync.close();
        await this.#pump();
        await closed;
        return this.#begin();
      }
      case 'twice':
        return this.#twice();
      default:
        return step satisfies never;
    }
  }

  /** From here on nothing fails and every answer counts. */
  calm(): void {
    this.#still = true;
    this.#trouble = null;
  }

  /** A tick, to its end. */
  async tick(): Promise<void> {
    this.#ask({ what: 'sync' });
    await this.#pump();
  }

  async #twice(): Promise<void> {
    const { workshop } = this;
    this.#still = true;
    const last = async (): Promise<string | undefined> => {
      await this.tick();
      return workshop.runs.at(-1)?.state;
    };
    if ((await last()) === 'succeeded') {
      const before = await this.ledger.contents(workshop);
      if ((await last()) === 'succeeded') this.ledger.same(before, await this.ledger.contents(workshop));
    }
    this.#still = false;
  }

  #ask(wish: Wish): void {
    const now = Math.floor(this.workshop.clock.now);
    const ask: Ask =
      wish.what === 'span' ? { what: 'span', span: { from: now - wish.from, to: now - wish.to } } : { what: wish.what };
    // Refused while another span is read, or after a kill: whoever asked is told, which is all there is to it.
    this.workshop.sync.request(ask, 'manual').catch((error: unknown) => {
      if (!this.#killed && !(error instanceof AppError && ['busy', 'store'].includes(error.code)))
        this.ledger.wrong(`a run was refused: ${String(error)}`);
    });
  }

  async #pump(beside: { readonly wish: Wish; readonly at: number } | null = null): Promise<void> {
    let later = beside;
    for (let answers = 0; answers < mostAnswers; answers++) {
      // The database and the engine live in microtasks: at the next turn of the loop only answers are awaited.
      await new Promise((resolve) => setImmediate(resolve));
      if (this.#killed) return this.#begin();
      if (later !== null && this.#requests >= later.at) {
        this.#ask(later.wish);
        later = null;
        continue;
      }
      const next = this.#waiting.splice(Math.floor(this.#random() * this.#waiting.length), 1)[0];
      if (next === undefined && this.workshop.sync.activeRuns.length === 0) return;
      if (!this.#still && this.#random() < 0.3) this.workshop.clock.advance(Math.floor(this.#random() * 4));
      next?.();
    }
    this.ledger.wrong(`rule 11: no end after ${mostAnswers} answers`);
  }

  /** A new daemon on the same file. What the old one still awaits arrives, and must change nothing. */
  async #begin(): Promise<void> {
    this.#killed = false;
    this.#trouble = null;
    const lost = this.#waiting;
    this.#waiting = [];
    this.ledger.died();
    await this.workshop.restart();
    for (const answer of lost) answer();
    await this.workshop.sync.resume();
    await this.#pump();
  }

  async #asked(request: ApiRequest<unknown>): Promise<void> {
    this.#requests += 1;
    const { body } = request;
    if (typeof body === 'object' && body !== null && 'update_time_lt' in body)
      this.ledger.searched(Number(body['update_time_lt']));
    if (!this.#still && this.#random() < this.#history.churn)
      [() => this.world.change(), () => this.world.place(), () => this.world.burst(3)][
        Math.floor(this.#random() * 3)
      ]?.();
    const trouble = this.#trouble;
    if (trouble?.what === 'crash at request' && this.#requests >= trouble.at) this.#killed = true;
    if (trouble?.what === 'cancel' && this.#requests === trouble.at)
      void this.workshop.sync.stop(new Stopped('cancelled'));
    await this.#onTheWay();
    if (trouble === null || !('times' in trouble) || trouble !== this.#trouble) return;
    if (this.#requests < trouble.at || this.#requests >= trouble.at + trouble.times) return;
    if (trouble.what === 'aborted') throw new DOMException('This operation was aborted', 'AbortError');
    throw new AppError(trouble.what === 'throttled' ? 'throttled' : 'transient', 'api', 'the network is down', {
      retryAfterMs: 30_000,
    });
  }

  #onTheWay(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #bend(data: Record<string, unknown>): Record<string, unknown> {
    if (this.#still || this.#random() >= this.#history.uncounted) return data;
    const { total_count: _, ...rest } = data;
    return rest;
  }

  /** Commits fail and engines die where the step says so. */
  #watch(store: Store): void {
    const commitPage = store.commitPage.bind(store);
    store.commitPage = async (table, page) => {
      if (store !== this.workshop.store) throw new AppError('store', 'store', 'of a killed daemon');
      const { trouble, isDue } = this.#dueAtCommit();
      if (isDue && trouble?.what === 'crash before commit') return this.#die();
      if (isDue && trouble !== null && 'table' in trouble) {
        await arm(store, trouble.table);
        if (trouble.what === 'crash within commit')
          return commitPage(table, page)
            .catch(() => undefined)
            .then(() => disarm(store))
            .then(() => this.#die());
      }
      try {
        const result = await commitPage(table, page);
        this.ledger.committed(page, this.workshop.api.sentAt.get(page.asked));
        return isDue && trouble?.what === 'crash after commit' ? await this.#die() : result;
      } finally {
        if (isDue) await disarm(store);
      }
    };
  }

  #dueAtCommit(): { readonly trouble: Trouble | null; readonly isDue: boolean } {
    this.#commits += 1;
    const trouble = this.#trouble;
    return { trouble, isDue: trouble !== null && this.#commits === trouble.at };
  }

  #die(): Promise<never> {
    this.#killed = true;
    return new Promise(() => undefined);
  }
}
