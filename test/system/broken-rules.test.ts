import { execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';

import { rules, rulesIn } from '../../scripts/rules.ts';
import { breakLine, breaks } from './broken-rules.ts';

/*
 * The tests are tested: a copy of the project gets one line wrong, and the tests of the rule that it breaks must fail. A
 * file that cannot be loaded proves nothing; only a test that ran and failed, and bears the rule in its name, does.
 */

const root = fileURLToPath(new URL('../..', import.meta.url));
/** Longest that the tests of one broken rule may take, and those of all unbroken ones, milliseconds. */
const longest = { broken: 60_000, whole: 200_000 };
let copy = '';

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'shopsync-broken-'));
  const list = (...which: string[]): string[] =>
    execFileSync('git', ['ls-files', '-z', ...which], { cwd: root, encoding: 'utf8' })
      .split('\0')
      .slice(0, -1);
  // What was deleted and not yet committed is listed still.
  const gone = new Set(list('--deleted'));
  for (const file of list('--cached', '--others', '--exclude-standard', '--deduplicate'))
    if (!gone.has(file)) cpSync(join(root, file), join(copy, file));
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

const report = z.object({
  testResults: z.array(
    z.object({
      message: z.string(),
      assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })),
    }),
  ),
});

interface Told {
  readonly passed: readonly string[];
  readonly failed: readonly string[];
  /** Why files could not be loaded. */
  readonly trouble: string;
  /** The last words of vitest. */
  readonly said: string;
}

/**
 * Runs the tests of these files whose names match, in the copy, up to the first that fails. A test that hangs fails at
 * its own time limit; the limit here, in milliseconds, is for a loop that lets nothing else run.
 */
async function runTests(files: readonly string[], pattern: string, timeout: number): Promise<Told> {
  const out = join(copy, 'report.json');
  rmSync(out, { force: true });
  const args = ['--config', 'test/vitest.config.ts', '--maxWorkers=1', '--bail=1', '--no-cache'];
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${out}`];
  // The runner that runs this very test tells its workers who they are by the environment.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(VITEST|TEST$|NODE_ENV$)/.test(name)),
  );
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const child = spawn(process.execPath, [vitest, 'run', ...args, '-t', pattern, ...reporters, ...files], {
    cwd: copy,
    env: { ...env, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout,
    killSignal: 'SIGKILL',
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (said += text));
  await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  let text: string;
  try {
    text = readFileSync(out, 'utf8');
  } catch (error) {
    throw new Error(`vitest left no report: ${said.slice(-3000)}`, { cause: error });
  }
  const { testResults } = report.parse(JSON.parse(text));
  const named = (status: string): string[] =>
    testResults.flatMap((file) => file.assertionResults.filter((t) => t.status === status).map((t) => t.fullName));
  const unloaded = testResults.filter((file) => file.assertionResults.length === 0).map((file) => file.message);
  return { passed: named('passed'), failed: named('failed'), trouble: unloaded.join('\n'), said: said.slice(-3000) };
}

test('every rule is broken at least once', () => {
  expect([...new Set(breaks.map(({ rule }) => rule))].toSorted((a, b) => a - b)).toEqual(rules.map((_, i) => i + 1));
});

test.each(breaks.map((one) => [`rule ${one.rule}: ${rules[one.rule - 1]} — red when ${one.when}`, one] as const))(
  '%s',
  async (_title, one) => {
    const path = join(copy, one.file);
    const whole = readFileSync(path, 'utf8');
    writeFileSync(path, breakLine(whole, one));
    try {
      const { failed, trouble, said } = await runTests(one.tests, `rule ${one.rule}\\b`, longest.broken);
      expect(trouble).toBe('');
      expect(
        failed.filter((name) => rulesIn(name).has(one.rule)),
        said,
      ).not.toEqual([]);
    } finally {
      writeFileSync(path, whole);
    }
  },
);

test('and with nothing broken the same tests are green', async () => {
  const { passed, failed, trouble } = await runTests(
    [...new Set(breaks.flatMap(({ tests }) => tests))],
    'rule \\d',
    longest.whole,
  );
  expect({ failed, trouble }).toEqual({ failed: [], trouble: '' });
  const proved = new Set(passed.flatMap((name) => [...rulesIn(name)]));
  expect(breaks.filter(({ rule }) => !proved.has(rule))).toEqual([]);
});
