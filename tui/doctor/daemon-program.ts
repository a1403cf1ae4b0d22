import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { type Examined, examined } from '../../shared/examined.ts';
import { Unsuccessful } from '../failure.ts';
import type { Session } from '../session.ts';

/** The daemon that was installed with this client. */
const program = fileURLToPath(new URL('../../daemon/main.js', import.meta.url));

/**
 * What the daemon's own program finds in this environment, its store read through. Only it knows the configuration;
 * nothing is started. Throws Unsuccessful.
 */
export const examine = async ({ host, signal }: Session, configPath: string | undefined): Promise<Examined> => {
  if (!existsSync(program)) throw new Unsuccessful(`there is no shopsyncd at ${program}; install shopsync as a whole`);
  const args = [program, '--examine', ...(configPath === undefined ? [] : ['--config', configPath])];
  try {
    const { stdout } = await promisify(execFile)(process.execPath, args, {
      env: host.env,
      signal,
      maxBuffer: 16 * 1024 * 1024,
    });
    return examined.parse(JSON.parse(stdout));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Unsuccessful(`shopsyncd --examine failed: ${why}`);
  }
};
