import type { CompiledQuery } from 'kysely';

import type { Db } from './database.ts';

/** Rows of one statement. Few sizes, so that each is compiled and prepared once and then only bound. */
const sizes = [64, 16, 4, 1] as const;

/**
 * A multi-row statement whose parameters are the values of its rows and nothing else. Building its text anew for each
 * page costs as much as running it.
 */
export class Bulk<Row extends object, Result> {
  readonly #compile: (db: Db, rows: readonly Row[]) => CompiledQuery<Result>;
  readonly #compiled = new Map<number, CompiledQuery<Result>>();

  /** All rows must have the same keys in the same order. */
  constructor(compile: (db: Db, rows: readonly Row[]) => CompiledQuery<Result>) {
    this.#compile = compile;
  }

  /** @returns what the statement's `returning` gives, for all rows. */
  async run(db: Db, rows: readonly Row[]): Promise<Result[]> {
    const results: Result[] = [];
    for (let at = 0; at < rows.length;) {
      const size = sizes.find((n) => n <= rows.length - at) ?? 1;
      const chunk = rows.slice(at, at + size);
      const compiled = this.#compiled.get(size) ?? this.#compile(db, chunk);
      this.#compiled.set(size, compiled);
      const { rows: told } = await db.executeQuery<Result>({
        ...compiled,
        parameters: chunk.flatMap((row): unknown[] => Object.values(row)),
      });
      results.push(...told);
      at += size;
    }
    return results;
  }
}
