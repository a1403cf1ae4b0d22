import { $ } from 'zx';

import { runVitest } from './vitest.ts';

/**
 * What `npm test` runs, in order, a line of result each: format, lint, types, dead code, generated docs, then every
 * test. Arguments go to vitest (`npm test -- test/daemon/sync`). The last line counts checks and tests together.
 */
const checks = [
  { name: 'format', command: ['oxfmt', '--check'] },
  { name: 'lint', command: ['oxlint', '--type-aware', '--deny-warnings'] },
  { name: 'types', command: ['tsc', '--noEmit'] },
  { name: 'dead code', command: ['knip', '--no-progress'] },
  { name: 'docs', command: ['node', 'dist/scripts/docs.js', '--check'] },
] as const;

const quiet = $({ quiet: true, nothrow: true });
let passed = 0;
let failed = 0;

for (const { name, command } of checks) {
  const began = performance.now();
  const result = await quiet`${command}`;
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  if (result.exitCode === 0) passed += 1;
  else {
    failed += 1;
    process.stdout.write(result.stdout + result.stderr);
  }
  console.log(`${result.exitCode === 0 ? 'ok  ' : 'FAIL'} ${name} (${seconds} s)`);
}

const tests = await runVitest({
  config: 'test/vitest.config.ts',
  reporter: 'default',
  args: process.argv.slice(2),
});
passed += tests.passed;
failed += tests.failed;
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
