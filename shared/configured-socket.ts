import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

import { configFiles, type Env } from './paths.ts';

/** What the config file says about the socket; `problem` is one line for a person when the file could not be used. */
export interface ConfiguredSocket {
  readonly socket?: string;
  readonly problem?: string;
}

/**
 * The `rpc.socket` of the config file, for clients: without the daemon's checks, and without loading a TOML parser
 * unless a file speaks of a socket. A file that cannot be used is no reason to stop a client that may find the daemon
 * elsewhere, so it is told of instead of thrown. A relative path counts from the folder of the file.
 */
export async function configuredSocket(env: Env, named?: string): Promise<ConfiguredSocket> {
  const files = configFiles(env, named);
  for (const { path, from } of files.places) {
    try {
      const text = readFileSync(path, 'utf8');
      const socket = text.includes('socket') ? await socketIn(text) : undefined;
      return socket === undefined ? {} : { socket: resolve(dirname(path), socket) };
    } catch (error) {
      if (isMissing(error) && !files.named) continue;
      const reason = isMissing(error) ? `no such file (named by ${from})` : firstLine(error);
      return { problem: `${path}: ${reason}` };
    }
  }
  return {};
}

async function socketIn(text: string): Promise<string | undefined> {
  const { parse, TomlError } = await import('smol-toml');
  try {
    const rpc: unknown = parse(text, { integersAsBigInt: 'asNeeded' })['rpc'];
    if (typeof rpc !== 'object' || rpc === null || !('socket' in rpc)) return undefined;
    return typeof rpc.socket === 'string' && rpc.socket !== '' ? rpc.socket : undefined;
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    throw new Error(`line ${error.line}: ${firstLine(error)}`, { cause: error });
  }
}

/** A TOML error goes on with an excerpt of the file, which may hold what must not be shown. */
const firstLine = (error: unknown): string =>
  String(error instanceof Error ? error.message : error).split('\n', 1)[0] ?? '';

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
