import { type LineLevel, type LogLine, lineLevel, logLine } from '../shared/views.ts';

/** The newest lines of the log that are kept, and the characters that all of them may have together. */
const most = { lines: 2000, characters: 4 * 1024 * 1024, aLine: 16_384 } as const;

interface Kept {
  readonly rank: number;
  readonly text: string;
}

const ranks: ReadonlyMap<string, number> = new Map(lineLevel.options.map((level, rank) => [level, rank]));

/** The newest lines of the log, for those who ask later and those who follow. Bounded in lines and in memory (rule 11). */
export class LogRing {
  readonly #kept: Kept[] = [];
  readonly #watchers = new Set<(line: LogLine) => void>();
  #characters = 0;
  #count = 0;
  #isTelling = false;

  /**
   * Keeps a line that was logged, and tells it to those who watch. What is logged while they are told is kept, but not
   * told: a watcher that logs would otherwise hear of itself for ever.
   */
  add(fields: object): void {
    const line = this.#read({ ...fields, line: this.#count + 1 });
    if (line === undefined) return;
    this.#count += 1;
    const text = JSON.stringify(line);
    this.#kept.push({ rank: ranks.get(line.level) ?? 0, text });
    this.#characters += text.length;
    while (this.#kept.length > most.lines || this.#characters > most.characters)
      this.#characters -= this.#kept.shift()?.text.length ?? 0;
    this.#tell(line);
  }

  /** The newest lines of a level and above, oldest first. */
  newest(count: number, level: LineLevel): LogLine[] {
    const rank = ranks.get(level) ?? 0;
    return this.#kept
      .filter((kept) => kept.rank >= rank)
      .slice(-count)
      .map(({ text }) => logLine.parse(JSON.parse(text)));
  }

  /** Calls `watcher` for each line from now on, at once and in order, until the function returned is called. It must not throw. */
  watch(watcher: (line: LogLine) => void): () => void {
    const own = (line: LogLine): void => watcher(line);
    this.#watchers.add(own);
    return () => this.#watchers.delete(own);
  }

  #tell(line: LogLine): void {
    if (this.#isTelling) return;
    this.#isTelling = true;
    try {
      for (const watcher of this.#watchers) watcher(line);
    } finally {
      this.#isTelling = false;
    }
  }

  /** A long line keeps what names it. */
  #read(fields: object): LogLine | undefined {
    const { data } = logLine.safeParse(fields);
    if (data === undefined || JSON.stringify(data).length <= most.aLine) return data;
    const { line, time, level, room, msg = '' } = data;
    return { line, time, level, ...(room !== undefined && { room }), msg: `${msg.slice(0, most.aLine / 2)} [cut]` };
  }
}
