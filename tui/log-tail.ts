import type { Event, LineLevel, LogLine } from '../shared/views.ts';
import type { Client } from './client.ts';

export const lineLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const satisfies readonly LineLevel[];

/** As many as the daemon gives at once. */
export const mostLines = 1000;

export interface TailOptions {
  /** How many lines of before to begin with. */
  readonly lines: number;
  /** Only lines of this level and above. */
  readonly level: LineLevel | undefined;
  readonly print: (line: LogLine) => void;
  /** How many lines are not known of any more. */
  readonly missed: (lines: number) => void;
}

/**
 * Puts the log together from what the daemon kept and what it tells as events: each line once, in order, over lost
 * connections and new daemons. Lines carry a number that counts from 1 in each daemon.
 */
export class LogTail {
  readonly #options: TailOptions;
  #instance: string | undefined;
  #last = 0;
  #fresh = true;
  /** Events that came while the lines of before were still asked for. */
  #early: LogLine[] | undefined = [];

  constructor(options: TailOptions) {
    this.#options = options;
  }

  hear(event: Event): void {
    if (event.topic === 'snapshot') {
      // The first event of each connection: what was said since the last one is asked for next.
      this.#early = [];
      if (this.#instance !== undefined && this.#instance !== event.data.instanceId) this.#last = 0;
      this.#instance = event.data.instanceId;
    }
    if (event.topic !== 'logs') return;
    if (this.#early === undefined) this.#print(event.data);
    else this.#early.push(event.data);
  }

  /** Asks for the lines of before, or for those since the connection was lost. */
  async catchUp(client: Client): Promise<void> {
    const { level } = this.#options;
    const lines = this.#fresh ? this.#options.lines : mostLines;
    const kept = await client.call('logs', { lines, ...(level && { level }) }, { timeoutMs: 10_000 });
    for (const line of [...kept.lines, ...(this.#early ?? [])]) this.#print(line);
    this.#early = undefined;
    this.#fresh = false;
  }

  #print(line: LogLine): void {
    const { level, print, missed } = this.#options;
    if (line.line <= this.#last) return;
    const between = line.line - this.#last - 1;
    if (level === undefined && (this.#last > 0 || !this.#fresh) && between > 0) missed(between);
    this.#last = line.line;
    if (level === undefined || lineLevels.indexOf(line.level) >= lineLevels.indexOf(level)) print(line);
  }
}
