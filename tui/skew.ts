import { readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

import type { Result } from '../shared/contract.ts';
import { PROTOCOL } from '../shared/protocol.ts';
import { version } from '../shared/version.ts';
import { isService } from './mend.ts';
import { shellWords } from './shell-words.ts';

/** The client that was installed with the daemon of this pid, and the Node that runs it. */
const clientOf = (pid: number | undefined): readonly string[] | undefined => {
  if (pid === undefined) return undefined;
  try {
    const [node = 'node', ...words] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    const program = words.find((word) => /(^|\/)(shopsyncd|main\.js)$/.test(word));
    if (program === undefined) return undefined;
    const client = join(dirname(realpathSync(program)), '..', 'tui', 'main.js');
    // Nobody is sent to run what just anybody could have put there.
    const { uid } = statSync(client);
    return uid === 0 || uid === process.geteuid?.() ? [node, client] : undefined;
  } catch {
    // Not Linux, a process that is hidden or has ended, or one without a client beside it.
    return undefined;
  }
};

/**
 * What to say when the daemon speaks another protocol than this client, with the command that mends it for the side
 * that is older; undefined when they speak the same. `pid` is the daemon's, `args` what the user asked for.
 */
export const skewWords = (
  hello: Pick<Result<'hello'>, 'version' | 'protocol'>,
  {
    socket,
    pid,
    args,
  }: { readonly socket: string; readonly pid: number | undefined; readonly args: readonly string[] },
): string | undefined => {
  if (hello.protocol === PROTOCOL) return undefined;
  const both =
    `shopsyncd ${hello.version} speaks protocol ${hello.protocol}, ` +
    `this shopsync ${version()} protocol ${PROTOCOL}`;
  if (hello.protocol > PROTOCOL) {
    const client = clientOf(pid);
    return client === undefined
      ? `${both}: this client is older, upgrade it: npm install --global shopsync@${hello.version}`
      : `${both}: this client is older, upgrade it; the daemon's own client is: ${shellWords([...client, ...args])}`;
  }
  const restart = isService(socket)
    ? 'sudo systemctl restart shopsyncd'
    : pid === undefined
      ? 'stop it, then start shopsyncd'
      : `kill ${pid} && tail --pid=${pid} -f /dev/null && shopsyncd`;
  return `${both}: the daemon is older, upgrade it, or restart it if it was upgraded: ${restart}`;
};
