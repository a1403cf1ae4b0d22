import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** The text of a file with its permission bits, both from one open file so that they belong together. */
export interface TextFile {
  readonly text: string;
  readonly mode: number;
}

/** Reads a file of at most 1 MiB of UTF-8; null when there is none. Throws when it is there and cannot be read. */
export type ReadText = (path: string) => TextFile | null;

const MAX_BYTES = 1024 * 1024;

export const readText: ReadText = (path) => {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return null;
    throw error;
  }
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(readBounded(file)), mode: fstatSync(file).mode };
  } finally {
    closeSync(file);
  }
};

function readBounded(file: number): Uint8Array {
  const buffer = Buffer.alloc(MAX_BYTES + 1);
  let length = 0;
  while (length < buffer.length) {
    const count = readSync(file, buffer, length, buffer.length - length, null);
    if (count === 0) return buffer.subarray(0, length);
    length += count;
  }
  throw new Error(`longer than ${MAX_BYTES} bytes`);
}

/** Why a file could not be read, in a few words and without the path, which stands before it. */
export function reasonOf(error: unknown): string {
  const code = errorCode(error);
  if (code === 'EACCES' || code === 'EPERM') return 'may not be read by this user';
  if (code === 'EISDIR') return 'is a folder, not a file';
  if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return 'is not UTF-8 text';
  return `cannot be read: ${error instanceof Error ? error.message : String(error)}`;
}

function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
