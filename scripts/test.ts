import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { $ } from 'zx';

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

const folder = mkdtempSync(join(tmpdir(), 'shopsync-test-'));
const report = join(folder, 'report.json');
const tests = await $({ nothrow: true, stdio: 'inherit', verbose: false })`vitest run --config test/vitest.config.ts \
  --reporter=default --reporter=json --outputFile.json=${report} ${process.argv.slice(2)}`;
try {
  const told: unknown = JSON.parse(readFileSync(report, 'utf8'));
  const { numPassedTests, numFailedTests } = {
    numPassedTests: 0,
    numFailedTests: 1,
    ...(typeof told === 'object' ? told : {}),
  };
  passed += numPassedTests;
  failed += numFailedTests;
} catch {
  failed += 1;
  console.log('FAIL vitest left no report');
}
// A file that cannot even be loaded, or an error outside of any test, fails no test but fails the run.
if (tests.exitCode !== 0 && failed === 0) failed = 1;
rmSync(folder, { recursive: true, force: true });
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
