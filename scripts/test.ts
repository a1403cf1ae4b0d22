import { $ } from 'zx';

import { splitArguments } from './arguments.ts';
import { describeRules, listTests } from './rules.ts';
import { runVitest } from './vitest.ts';

/**
 * What `npm test` runs, in order, a line of result each: format, lint, types, dead code, generated docs, then every
 * test. Arguments go to vitest (`npm test -- test/daemon/sync`). The last line counts checks and tests together.
 * `--list-rules` runs nothing: it tells which tests of both tiers prove which rule of the engine, and fails when one has
 * none.
 */
const checks = [
  { name: 'format', command: ['oxfmt', '--check'] },
  { name: 'lint', command: ['oxlint', '--type-aware', '--deny-warnings'] },
  { name: 'types', command: ['tsc', '--noEmit'] },
  { name: 'dead code', command: ['knip', '--no-progress'] },
  { name: 'docs', command: ['node', 'dist/scripts/docs.js', '--check'] },
] as const;

const { values, rest } = splitArguments(process.argv.slice(2), { 'list-rules': { type: 'boolean' } });
let passed = 0;
let failed = 0;

if (values['list-rules'] === true) await listRules();
else await runEverything();
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

async function listRules(): Promise<void> {
  const tiers = ['test/vitest.config.ts', 'test/vitest.system.config.ts'];
  try {
    const found = describeRules((await Promise.all(tiers.map(listTests))).flat());
    for (const line of found.lines) console.log(line);
    passed += found.passed;
    failed += found.failed;
  } catch (error) {
    console.log(`FAIL ${error instanceof Error ? error.message : String(error)}`);
    failed += 1;
  }
}

async function runEverything(): Promise<void> {
  const quiet = $({ quiet: true, nothrow: true });
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
    args: rest,
  });
  passed += tests.passed;
  failed += tests.failed;
}
