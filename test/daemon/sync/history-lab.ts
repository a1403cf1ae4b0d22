import { AppError } from '../../../daemon/errors.ts';
import type { Ask } from '../../../daemon/sync/asks.ts';
import { Stopped } from '../../../daemon/sync/failures.ts';
import type { ApiRequest } from '../../../daemon/tiktok/api.ts';
import { Clocks } from './history-clocks.ts';
import { Faults } from './history-faults.ts';
import { Ledger } from './history-ledger.ts';
import type { Place } from './history-place.ts';
import { LivingShop, createRandom } from './history-world.ts';
import type { History, Step, Wish } from './history.ts';
import { Workshop, start } from './workshop.ts';

/** Answers of one step at most: an engine that asks more has no end (rule 11). */
const mostAnswers = 6000;

interface Parts {
  readonly workshop: Workshop;
  readonly ledger: Ledger;
  readonly random: () => number;
  readonly clocks: Clocks;
}

/** One history being lived: a shop, an engine, and a hand that lets answers arrive, in any order, or kills. */
export class Lab {
  readonly workshop: Workshop;
  readonly world: LivingShop;
  readonly ledger: Ledger;
  readonly #history: History;
  readonly #random: () => number;
  readonly #clocks: Clocks;
  readonly #faults: Faults;
  #waiting: (() => void)[] = [];
  /** After so many requests the daemon that lives is killed, and those that follow it. */
  #kills: readonly number[] = [];
  #isRetrying = false;
  /** While it is still, the world does not change and time stands. */
  #still = false;

  private constructor(history: History, { workshop, ledger, random, clocks }: Parts) {
    this.#history = history;
    this.workshop = workshop;
    this.ledger = ledger;
    this.#random = random;
    this.#clocks = clocks;
    this.world = new LivingShop(this.workshop.shop, history, this.#random, () => this.workshop.clock.now);
    this.#faults = new Faults({
      ledger: this.ledger,
      store: () => this.workshop.store,
      cancel: () => void this.workshop.sync.stop(new Stopped('cancelled')),
      jump: (ahead) => this.#clocks.jump(ahead),
      sentAt: (asked) => this.workshop.api.sentAt.get(asked),
    });
  }

  static async open(history: History, { template, parent }: Place): Promise<Lab> {
    const { tokens, sorting, walkers } = history;
    // A short page is in any order by luck, time and again; the API's own have 100.
    const pageSize = sorting === 'ignored' ? Math.max(10, history.pageSize) : history.pageSize;
    const ledger = new Ledger();
    let made: Lab | undefined;
    const random = createRandom(history.seed);
    const clocks = new Clocks(() => workshop.clock, random, history.behind);
    const workshop: Workshop = await Workshop.open({
      pageSize,
      tokens,
      sorting,
      walkers,
      template,
      parent,
      grain: Math.ceil(pageSize / 3),
      since: start - 4_000_000,
      serverNow: () => ledger.told(clocks.believed),
      sentNow: () => clocks.believed,
      apiNow: () => clocks.told,
      opened: (store) => (made === undefined ? undefined : made.#faults.watch(store)),
      before: (_n, request) => lab.#asked(request),
      after: () => lab.#onTheWay(),
      bend: (data) => lab.#bend(data),
      ran: (run) => ledger.ran(run, clocks.believed),
      progressed: (progress) => ledger.progressed(progress),
    });
    const lab = new Lab(history, { workshop, ledger, random, clocks });
    made = lab;
    lab.#faults.watch(workshop.store);
    return lab;
  }

  /** Everything is quiet when it returns: no run under way, no answer on its way. */
  async take(step: Step): Promise<void> {
    this.#faults.begin('trouble' in step ? step.trouble : null);
    switch (step.do) {
      case 'run':
        this.#ask(step.wish);
        return this.#pump(step.beside);
      case 'world':
        for (let i = 0; i < step.placed; i++) this.world.place();
        for (let i = 0; i < step.changed; i++) this.world.change();
        for (let i = 0; i < step.odd; i++) this.world.leap();
        return;
      case 'advance':
        return this.#advance(step.seconds);
      case 'restart':
        if (step.how === 'closed') await this.#close();
        this.#kills = step.kills;
        this.ledger.reached.add(`${step.kills.length + 1} starts in a row`);
        return this.#begin(step.trouble);
      case 'twice':
        return this.#twice();
      default:
        return step satisfies never;
    }
  }

  /** From here on nothing fails, every answer counts and every clock is right. */
  calm(): void {
    this.#still = true;
    this.#clocks.mend();
    this.#faults.begin(null);
  }

  /** Asks for what is new, to its end. */
  async tick(): Promise<void> {
    this.#ask({ what: 'sync' });
    await this.#pump();
  }

  async #twice(): Promise<void> {
    const { workshop } = this;
    this.#still = true;
    const overlap = async () => (await workshop.store.state('7490', 'orders'))?.overlap;
    const last = () => this.tick().then(() => workshop.runs.at(-1)?.state);
    const before = await overlap();
    // A run in which the overlap widens leaves what that took out of coverage to the next one.
    if ((await last()) === 'succeeded' && ((await overlap()) === before || (await last()) === 'succeeded')) {
      const contents = await this.ledger.contents(workshop);
      if ((await last()) === 'succeeded') this.ledger.same(contents, await this.ledger.contents(workshop));
    }
    this.#still = false;
  }

  #ask(wish: Wish): void {
    const { sync } = this.workshop;
    if (wish.what === 'tick') {
      if (sync.isHeldBack) this.ledger.reached.add('a tick is held back');
      return sync.tick();
    }
    const now = Math.floor(this.workshop.clock.now);
    const ask: Ask =
      wish.what === 'span' ? { what: 'span', span: { from: now - wish.from, to: now - wish.to } } : { what: wish.what };
    sync.request(ask, 'manual').then(
      ({ started }) => {
        if (started.joined) this.ledger.reached.add('a run is joined');
      },
      (error: unknown) => this.#refused(error),
    );
  }

  /** Refused while another span is read, by the database, or after a kill: whoever asked is told, that is all. */
  #refused(error: unknown): void {
    if (!this.#faults.isDead && !(error instanceof AppError && ['busy', 'store'].includes(error.code)))
      this.ledger.wrong(`a run was refused: ${String(error)}`);
  }

  async #pump(beside: { readonly wish: Wish; readonly at: number } | null = null): Promise<void> {
    let later = beside;
    for (let answers = 0; answers < mostAnswers; answers++) {
      // The database and the engine live in microtasks: at the next turn of the loop only answers are awaited.
      await new Promise((resolve) => setImmediate(resolve));
      if (this.#faults.requests >= (this.#kills[0] ?? Number.POSITIVE_INFINITY)) this.#killNext();
      if (this.#faults.isDead) return this.#begin(null);
      if (later !== null && this.#faults.requests >= later.at) {
        this.#ask(later.wish);
        later = null;
        continue;
      }
      const next = this.#waiting.splice(Math.floor(this.#random() * this.#waiting.length), 1)[0];
      if (next === undefined && this.workshop.sync.activeRuns.length === 0) {
        if (this.#kills.length === 0) return;
        this.#killNext();
        continue;
      }
      if (!this.#still) this.#pass();
      next?.();
    }
    this.ledger.wrong(`rule 11: no end after ${mostAnswers} answers`);
  }

  #killNext(): void {
    this.#kills = this.#kills.slice(1);
    this.#faults.kill();
  }

  /** Retries that come due begin. */
  async #advance(seconds: number): Promise<void> {
    const { clock } = this.workshop;
    const waiting = clock.pending;
    clock.advance(seconds);
    this.#isRetrying = clock.pending < waiting;
    if (this.#isRetrying) this.ledger.reached.add('a retry runs');
    await this.#pump();
    this.#isRetrying = false;
  }

  /** Time passes while runs are under way. */
  #pass(): void {
    if (this.#random() < 0.3) this.workshop.clock.advance(Math.floor(this.#random() * 4));
    if (this.#clocks.wander()) this.ledger.reached.add("the server's time is estimated back");
  }

  /** As a daemon that is told to end; what it awaits arrives. */
  async #close(): Promise<void> {
    const closed = this.workshop.sync.close();
    await this.#pump();
    await closed;
  }

  /** A new daemon on the same file. What the old one still awaits arrives, and must change nothing. */
  async #begin(trouble: Parameters<Faults['begin']>[0]): Promise<void> {
    if (this.workshop.sync.retryAt !== null) this.ledger.reached.add('a kill while a retry waits');
    if (this.#isRetrying) this.ledger.reached.add('a kill while a retry runs');
    this.#isRetrying = false;
    this.#faults.begin(trouble);
    const lost = this.#waiting;
    this.#waiting = [];
    this.ledger.died();
    await this.workshop.restart();
    for (const answer of lost) answer();
    if (this.#kills[0] !== 0) this.workshop.sync.resume().catch((error: unknown) => this.#refused(error));
    await this.#pump();
  }

  async #asked({ body }: ApiRequest<unknown>): Promise<void> {
    const refuse = this.#faults.sent();
    this.ledger.asked(body, this.#clocks);
    if (!this.#still && this.#random() < this.#history.churn) this.world.stir();
    await this.#onTheWay();
    refuse();
  }

  #onTheWay(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #bend(data: Record<string, unknown>): Record<string, unknown> {
    if (this.#still || this.#random() >= this.#history.uncounted) return data;
    const { total_count: _, ...rest } = data;
    return rest;
  }
}
