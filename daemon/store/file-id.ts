import { statSync } from 'node:fs';

import { AppError } from '../errors.ts';

/** Which file has a name, whatever name it has later. */
export interface FileId {
  readonly dev: number;
  readonly ino: number;
}

export function fileIdOf(path: string): FileId | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats === undefined ? undefined : { dev: stats.dev, ino: stats.ino };
}

/**
 * A database that was moved, deleted or replaced stays open under no name: what is written to it is lost at the next
 * start. `opened` undefined: the store has no file.
 * @throws AppError `store`, with what to do.
 */
export function assertInPlace(path: string, opened: FileId | undefined): void {
  if (opened === undefined) return;
  const there = fileIdOf(path);
  if (there?.dev === opened.dev && there.ino === opened.ino) return;
  throw new AppError(
    'store',
    'store',
    there === undefined
      ? `the database ${path} was moved or deleted while it is open`
      : `${path} is another file than the database that is open`,
    {
      hint: 'stop shopsyncd, put the file back with its -wal, start; or only restart: what is not there is read again',
    },
  );
}
