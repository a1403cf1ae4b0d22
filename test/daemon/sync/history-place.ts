import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import Database from 'better-sqlite3';

import { Store } from '../../../daemon/store/store.ts';
import { prepare } from './history-judges.ts';

export interface Place {
  /** The database that each history begins with, and the folder in which its copies live. */
  readonly template: string;
  readonly parent: string;
}

/** Database files in memory where there is room for them: what a disk does when power fails is not asked here. */
export async function inFastFolder(work: (place: Place) => Promise<void>): Promise<void> {
  const parent = mkdtempSync(join(hasRoom('/dev/shm') ? '/dev/shm' : tmpdir(), 'shopsync-'));
  try {
    const template = join(parent, 'template.db');
    const store = await Store.open({ path: template, keepPayload: true, now: () => 0 });
    await prepare(store);
    await store.close();
    useSmallPages(template);
    await work({ template, parent });
  } finally {
    rmSync(parent, { recursive: true, force: true });
  }
}

/** A few hundred orders in pages made for a hundred thousand: most of the work would be copying what is empty. */
function useSmallPages(path: string): void {
  const database = new Database(path);
  database.exec('pragma journal_mode = delete; pragma page_size = 4096; vacuum');
  database.close();
}

/** One history needs some 40 MB at most. */
function hasRoom(folder: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize > 256 * 2 ** 20;
  } catch {
    return false;
  }
}
