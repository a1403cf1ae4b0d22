import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';

import Database from 'better-sqlite3';

/** Pages of the write-ahead log that are not in the database yet, from which they are written there. */
const enough = 2000;
/** How often they are counted, milliseconds. */
const everyMs = 250;
/** What was written meanwhile takes another pass, each shorter than the one before, until so many pages are left. */
const little = 400;
const mostPasses = 10;

/**
 * What the daemon's own connection does by itself where this thread is at work: only when a log of 256 MiB shows that it
 * is not.
 */
export const spareCheckpoints = 'wal_autocheckpoint = 16000';

export interface Checkpoints {
  /** When it resolves, the thread is gone and holds the database open no more. */
  stop(): Promise<void>;
}

export interface CheckpointsOptions {
  /** Lets no transaction begin until the function returned is called. */
  readonly hold: () => () => void;
  /** What failed, once in a row. It is tried again, and nothing is lost by it: the log stays. */
  readonly onError: (message: string) => void;
}

/**
 * Writes the write-ahead log into the database on a thread of its own: it takes as long as the disk does, up to tenths of
 * a second, for which the daemon would answer nobody. It waits for no lock. Only for the last few pages are writers held
 * off, who wait without blocking anybody: SQLite begins the log anew only when all of it is in the database.
 */
export function startCheckpoints(path: string, { hold, onError }: CheckpointsOptions): Checkpoints {
  const worker = new Worker(fileURLToPath(import.meta.url), { workerData: { checkpointed: path } });
  let release = (): void => undefined;
  worker.on('message', (message: unknown) => {
    if (message === 'hold') {
      // Somebody may wait to write, and have nothing else that keeps the process alive.
      worker.ref();
      release = hold();
      worker.postMessage('held');
    } else if (message === 'go') {
      release();
      worker.unref();
    } else onError(String(message));
  });
  worker.on('error', (error: unknown) => onError(error instanceof Error ? error.message : String(error)));
  worker.on('exit', () => release());
  worker.unref();
  return {
    stop: async () => {
      // Who waits for its end must not end before it.
      worker.ref();
      await worker.terminate();
    },
  };
}

/** How many pages wait. A log that is all in the database begins anew with the next write. */
function waiting(row: unknown): number {
  if (typeof row !== 'object' || row === null || !('log' in row && 'checkpointed' in row)) return 0;
  return Number(row.log) - Number(row.checkpointed);
}

async function serve(path: string): Promise<never> {
  let told: string | undefined;
  for (;;) {
    try {
      await keepShort(path);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (message !== told) parentPort?.postMessage(message);
      told = message;
      await pause(everyMs);
    }
  }
}

async function keepShort(path: string): Promise<never> {
  const database = new Database(path);
  try {
    const look = database.prepare('pragma wal_checkpoint(noop)');
    const write = database.prepare('pragma wal_checkpoint(passive)');
    for (;;) {
      await pause(everyMs);
      if (waiting(look.all([])[0]) < enough) continue;
      for (let pass = 0; pass < mostPasses; pass++) if (waiting(write.all([])[0]) < little) break;
      await finish(() => write.all([]));
    }
  } finally {
    database.close();
  }
}

/** The rest, while nobody writes. */
async function finish(write: () => void): Promise<void> {
  if (parentPort === null) return;
  const held = once(parentPort, 'message');
  parentPort.postMessage('hold');
  try {
    await held;
    write();
  } finally {
    parentPort.postMessage('go');
  }
}

const given: unknown = workerData;
if (!isMainThread && typeof given === 'object' && given !== null && 'checkpointed' in given)
  await serve(String(given.checkpointed));
