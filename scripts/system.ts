import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

import { splitArguments } from './arguments.ts';
import { runVitest } from './vitest.ts';

/**
 * What `npm run test:system` runs: the tests with real processes, real mounts and real time, as root. `--kills N` sets
 * how often the daemon is killed (default 30), `--seed N` at which moments; other arguments go to vitest. A program that
 * is missing is a failure that names its Debian package. The last line counts checks and tests together.
 */
const needed = [
  { program: 'mount', debian: 'mount' },
  { program: 'umount', debian: 'mount' },
  { program: 'git', debian: 'git' },
  { program: 'nc', debian: 'netcat-openbsd' },
  { program: 'ncat', debian: 'ncat' },
  { program: 'socat', debian: 'socat' },
  { program: 'curl', debian: 'curl' },
  { program: 'python3', debian: 'python3' },
  { program: 'zsh', debian: 'zsh' },
  { program: 'fish', debian: 'fish' },
  { program: 'systemd-socket-activate', debian: 'systemd' },
  { program: 'setpriv', debian: 'util-linux' },
  { program: 'useradd', debian: 'passwd' },
  { program: 'groupadd', debian: 'passwd' },
] as const;

const { values, rest } = splitArguments(process.argv.slice(2), {
  kills: { type: 'string' },
  seed: { type: 'string' },
});

const isThere = (program: string): boolean =>
  (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });

let passed = 0;
let failed = 0;
const check = (isGood: boolean, what: string, cure: string): void => {
  if (isGood) passed += 1;
  else failed += 1;
  console.log(isGood ? `ok   ${what}` : `FAIL ${what}: ${cure}`);
};

check(
  process.getuid?.() === 0,
  'root',
  'the tier mounts file systems; run it as root, in a container or on a CI machine',
);
for (const { program, debian } of needed) check(isThere(program), program, `not in PATH; apt-get install ${debian}`);
for (const name of ['kills', 'seed'] as const) {
  const given = values[name];
  if (given !== undefined) check(/^[1-9]\d*$/.test(String(given)), `--${name} ${given}`, 'a whole number from 1 on');
}

if (failed === 0) {
  const env = {
    ...process.env,
    ...(values.kills !== undefined && { KILLS: String(values.kills) }),
    ...(values.seed !== undefined && { SEED: String(values.seed) }),
  };
  const tests = await runVitest({
    config: 'test/vitest.system.config.ts',
    reporter: 'verbose',
    args: rest,
    env,
  });
  passed += tests.passed;
  failed += tests.failed;
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
