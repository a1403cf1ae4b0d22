import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';

import { z } from 'zod';
import { $ } from 'zx';

/** The rules of the engine, in their order. A test bears a rule by its number: `rule 3: …`, `rules 1 to 8 …`. */
export const rules = [
  'Atomic',
  'Complete',
  'Newer wins',
  'Never poorer',
  'Idempotent',
  'Windows end at a fixed time',
  'The watermark moves only by coverage',
  'One run of a kind per stream and shop',
  'Failures have classes',
  'Fallback is a ladder',
  'Nothing unbounded',
  'Webhooks are nudges',
  'No self-destruction',
  'Assumptions are watched',
  'State has a meaning',
  'Every row can be explained',
] as const;

/** A test and the file that holds it, from the root of the project. */
export interface NamedTest {
  readonly file: string;
  readonly name: string;
}

/** Bears the rules in its names because it breaks them, and is no proof of any. */
const breaker = 'test/system/broken-rules.test.ts';

const mention = /\b(?:rule (\d+)|rules (\d+(?:(?:, | and | to )\d+)*))/g;

/** The numbers of the rules that a test's full name bears: `rule 8`, `rules 1 and 2`, `rules 1, 3 and 5`, `rules 1 to 8`. */
export function rulesIn(name: string): ReadonlySet<number> {
  const numbers = new Set<number>();
  for (const [, one, several] of name.matchAll(mention))
    for (const part of (one ?? several ?? '').split(/, | and /)) {
      const [from = 0, to = from] = part.split(' to ').map(Number);
      for (let rule = from; rule <= to; rule++) numbers.add(rule);
    }
  return numbers;
}

/** Which test bears which rule, a line each; a rule that none bears, and one that does not exist, is a failure. */
export function describeRules(tests: readonly NamedTest[]): {
  readonly lines: readonly string[];
  readonly passed: number;
  readonly failed: number;
} {
  const lineOf = ({ file, name }: NamedTest): string => `       ${file} › ${name}`;
  const empty: number[] = [];
  const lines = rules.flatMap((title, i) => {
    const bearing = tests.filter(({ file, name }) => file !== breaker && rulesIn(name).has(i + 1));
    if (bearing.length === 0) {
      empty.push(i + 1);
      return [`FAIL rule ${i + 1}, ${title}: no test bears it in its name`];
    }
    return [
      `ok   rule ${i + 1}, ${title}: ${bearing.length} ${bearing.length === 1 ? 'test' : 'tests'}`,
      ...bearing.map(lineOf),
    ];
  });
  const strays = tests.filter(({ name }) => [...rulesIn(name)].some((rule) => rule < 1 || rule > rules.length));
  if (strays.length > 0) lines.push(`FAIL there are ${rules.length} rules, and these name another:`);
  return {
    lines: [...lines, ...strays.map(lineOf)],
    passed: rules.length - empty.length,
    failed: empty.length + strays.length,
  };
}

const listed = z.array(z.object({ name: z.string(), file: z.string() }));

/**
 * Every test of a tier, those of tables by the names they get, without running one.
 * @throws Error when a file cannot be loaded.
 */
export async function listTests(config: string): Promise<NamedTest[]> {
  const folder = mkdtempSync(join(tmpdir(), 'shopsync-test-'));
  const report = join(folder, 'tests.json');
  try {
    const { exitCode, stdout, stderr } = await $({
      quiet: true,
      nothrow: true,
    })`vitest list --config ${config} --no-static-parse --json=${report}`;
    if (exitCode !== 0) throw new Error(`the tests of ${config} cannot be listed:\n${stdout}${stderr}`);
    const tests = listed.parse(JSON.parse(readFileSync(report, 'utf8')));
    return tests.map(({ name, file }) => ({
      file: relative(process.cwd(), file),
      name: name.replaceAll(' > ', ' › '),
    }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
