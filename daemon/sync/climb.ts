import { AppError } from '../errors.ts';
import { type Page, type ReadContext, type Stream, UnreadSecond, type Window } from '../streams/stream.ts';
import { type Ladder, climbs } from './ladder.ts';

/** So many single seconds are left out in a run; an API that fails at more has another trouble. */
const mostUnread = 20;
/** So often is less taken in a run. Halving years down to a second takes 28 of them. */
const mostSteps = 100;
/** A window that holds nothing: whether it is answered tells a failing page from a failing API. */
const emptyWindow = { from: 0, to: 1 };

/** Everything was read but single seconds: they stay uncovered, and each run tries them again. */
export class UnreadSeconds extends AppError {
  constructor(seconds: readonly number[], last: AppError) {
    const first = new Date(Math.min(...seconds) * 1000).toISOString().replace('.000Z', 'Z');
    const which = seconds.length === 1 ? `the second ${first}` : `${seconds.length} seconds, the first ${first},`;
    super('transient', 'api', `${which} cannot be read: ${last.message}`, {
      hint: 'all else was read; each run tries again what is missing',
    });
  }
}

/** What one run does about pages that fail (rule 10), shared by its walkers. */
export class Climb {
  readonly #ladder: Ladder;
  readonly #unread: number[] = [];
  #last: AppError | undefined;
  #steps = 0;
  #answering: Promise<boolean> | undefined;

  constructor(ladder: Ladder) {
    this.#ladder = ladder;
  }

  /** What the run fails with in the end, or undefined when everything was read. */
  get error(): UnreadSeconds | undefined {
    return this.#last && new UnreadSeconds(this.#unread, this.#last);
  }

  /**
   * Reads a window, and takes less at a time when the API fails at it: the same cursor with smaller pages, then the window
   * in halves, down to the one second that cannot be had. That is left out, so that it keeps back nothing else. An API
   * that fails at everything is not climbed for, nor one that fails for the first time: the next run begins at its cursor.
   * @throws what no smaller step helps against, and the last failure when too much cannot be read.
   */
  async *read<R>(stream: Stream<R>, window: Window, context: ReadContext): AsyncGenerator<Page<R>, void, undefined> {
    const ladder = this.#ladder;
    const measured = { ...context, pageSize: () => ladder.pageSize, attempts: () => ladder.attempts };
    const isSingle = window.to - window.from === 1;
    let cursor = window.from;
    while (cursor < window.to) {
      let size = ladder.pageSize;
      try {
        for await (const page of stream.read(part(window, cursor), measured)) {
          ladder.good();
          cursor = Math.max(cursor, page.coveredTo ?? cursor);
          yield page;
          size = ladder.pageSize;
        }
        return;
      } catch (error) {
        if (error instanceof UnreadSecond) {
          this.#leaveOut(error.second, error, context);
          cursor = error.second + 1;
          continue;
        }
        if (!climbs(error) || !ladder.mayClimb) throw error;
        // A gap of one second is what an earlier run has left out.
        if (!isSingle && !(await this.#isAnswering(stream, measured))) throw error;
        this.#step(error);
        if (!isSingle && ladder.shrink(size, error.message)) {
          context.odd('smaller page', `${ladder.pageSize} records from ${cursor}: ${error.message}`);
          continue;
        }
        if (window.to - cursor === 1) {
          this.#leaveOut(cursor, error, context);
          return;
        }
        ladder.reach('bisect', error.message);
        const middle = cursor + Math.ceil((window.to - cursor) / 2);
        yield* this.read(stream, part(window, cursor, middle), context);
        cursor = middle;
      }
    }
  }

  #leaveOut(second: number, error: AppError, context: ReadContext): void {
    context.odd('second not read', `${second}: ${error.message}`);
    this.#unread.push(second);
    this.#last = error;
    this.#ladder.reach('bisect', error.message);
    if (this.#unread.length > mostUnread) this.#giveUp(error);
  }

  #step(error: AppError): void {
    this.#steps += 1;
    if (this.#steps > mostSteps) this.#giveUp(error);
  }

  #giveUp(error: AppError): never {
    this.#ladder.rest();
    throw error;
  }

  /** Asked once a run: what happens later is bounded by the number of steps. */
  #isAnswering<R>(stream: Stream<R>, context: ReadContext): Promise<boolean> {
    this.#answering ??= stream.count(emptyWindow, { ...context, attempts: () => 1 }).then(
      () => true,
      (error: unknown) => {
        if (climbs(error)) return false;
        throw error;
      },
    );
    return this.#answering;
  }
}

/** A part of a window that shrinks with it. */
const part = (window: Window, from: number, to = Number.POSITIVE_INFINITY): Window => ({
  from,
  get to() {
    return Math.min(to, window.to);
  },
});
