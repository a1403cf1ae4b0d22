import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { Installation } from '../daemon/daemon-process.ts';

/** An installation whose database lies in a file system of its own, made of memory, that can fill up and be locked. */
export class SmallDisk extends Installation {
  readonly mountPoint = join(this.folder, 'disk');
  #mounted = false;

  override get database(): string {
    return join(this.mountPoint, 'shopsync.db');
  }

  override get env(): Record<string, string> {
    return { ...super.env, SHOPSYNC_STORE_PATH: this.database, SHOPSYNC_SCHEDULE_ORDERS: 'off' };
  }

  /** @param size as mount takes it: `2m`. */
  mount(size: string): void {
    mkdirSync(this.mountPoint);
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'shopsync-test', this.mountPoint]);
    this.#mounted = true;
  }

  /** @param options such as `ro` or `size=64m`. */
  remount(options: string): void {
    execFileSync('mount', ['-o', `remount,${options}`, this.mountPoint]);
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    // Its processes are killed with it; a lazy unmount waits for their last file.
    if (this.#mounted) execFileSync('umount', ['--lazy', this.mountPoint]);
    await super[Symbol.asyncDispose]();
  }
}

/** Another program that holds the write lock of a database until it is told to let go. */
export async function holdLock(database: string): Promise<{ readonly release: () => Promise<void> }> {
  const program = `
    const database = new (require('better-sqlite3'))(process.argv[1], { timeout: 10000 });
    database.exec('begin immediate');
    process.stdout.write('held');
    process.stdin.on('end', () => database.exec('rollback').close()).resume();`;
  const child = spawn(process.execPath, ['-e', program, database], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  await Promise.race([
    once(child.stdout, 'data'),
    ended.then(() => {
      throw new Error('the other program could not lock the database');
    }),
  ]);
  return {
    release: async () => {
      child.stdin.end();
      await ended;
    },
  };
}
