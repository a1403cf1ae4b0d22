import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { $ } from 'zx';

/** Runs vitest with its output in view, and counts. A file that cannot be loaded fails no test, but counts as a failure. */
export async function runVitest(options: {
  readonly config: string;
  readonly reporter: 'default' | 'verbose';
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}): Promise<{ readonly passed: number; readonly failed: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'shopsync-test-'));
  const report = join(folder, 'report.json');
  try {
    const run = $({ nothrow: true, stdio: 'inherit', verbose: false, env: options.env ?? process.env });
    const { exitCode } = await run`vitest run --config ${options.config} --reporter=${options.reporter} \
      --reporter=json --outputFile.json=${report} ${options.args}`;
    const { numPassedTests, numFailedTests } = read(report);
    return { passed: numPassedTests, failed: exitCode === 0 ? numFailedTests : Math.max(1, numFailedTests) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function read(report: string): { readonly numPassedTests: number; readonly numFailedTests: number } {
  const none = { numPassedTests: 0, numFailedTests: 1 };
  try {
    const told: unknown = JSON.parse(readFileSync(report, 'utf8'));
    return { ...none, ...(typeof told === 'object' ? told : {}) };
  } catch (error) {
    console.log(`FAIL vitest left no report: ${error instanceof Error ? error.message : String(error)}`);
    return none;
  }
}
