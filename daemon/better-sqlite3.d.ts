/** The package brings no types of its own. This is the part of it that is used here directly. */
declare module 'better-sqlite3' {
  export interface Statement {
    readonly reader: boolean;
    all(parameters: readonly unknown[]): unknown[];
    run(parameters: readonly unknown[]): {
      readonly changes: number | bigint;
      readonly lastInsertRowid: number | bigint;
    };
    iterate(parameters: readonly unknown[]): IterableIterator<unknown>;
  }
  export default class Database {
    /** `timeout`: milliseconds to wait for another process's lock. */
    constructor(
      path: string,
      options?: { readonly timeout?: number; readonly readonly?: boolean; readonly fileMustExist?: boolean },
    );
    /** Whether a transaction is open; SQLite may have ended it by itself. */
    readonly inTransaction: boolean;
    exec(sql: string): this;
    prepare(sql: string): Statement;
    close(): this;
  }
}
