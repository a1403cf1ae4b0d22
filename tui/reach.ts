import { lstatSync } from 'node:fs';

import { observeSocket } from '../shared/paths.ts';
import { type Client, ConnectError, connect } from './client.ts';

/** An open connection, and whether it takes only reading methods. */
export interface Reached {
  readonly client: Client;
  readonly path: string;
  readonly readOnly: boolean;
}

const isThere = (path: string): boolean => {
  try {
    lstatSync(path);
    return true;
  } catch (error) {
    // A folder that may not be entered can still hold the socket: connecting then says that it is forbidden.
    return error instanceof Error && 'code' in error && error.code === 'EACCES';
  }
};

/**
 * Connects to the first socket that exists. Where it may not be opened and only reading is wanted, `observe.sock`
 * beside it is tried. Throws ConnectError.
 */
export const reach = async (candidates: readonly string[], wants: 'reading' | 'everything'): Promise<Reached> => {
  const path = candidates.find(isThere) ?? candidates[0];
  if (path === undefined) throw new TypeError('there is no socket to try');
  try {
    return { client: await connect(path), path, readOnly: false };
  } catch (error) {
    if (wants === 'everything' || !(error instanceof ConnectError) || error.reason !== 'forbidden') throw error;
    const observe = observeSocket(path);
    const client = await connect(observe).catch(() => Promise.reject(error));
    return { client, path: observe, readOnly: true };
  }
};
