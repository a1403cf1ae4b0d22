import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import fc from 'fast-check';
import { expect, test } from 'vitest';

import { Store } from '../../../daemon/store/store.ts';
import { check, comeToRest } from './history-checks.ts';
import { prepare } from './history-judges.ts';
import { Lab } from './history-lab.ts';
import { type History, histories, render } from './history.ts';

const wanted = process.env['HISTORIES'];
const numRuns = Number(wanted ?? 1000);
/** Milliseconds: a busy machine lives fewer histories rather than hold up everybody's tests. Not for a number asked for. */
const limit = wanted === undefined ? { interruptAfterTimeLimit: 50_000, markInterruptAsFailure: false } : {};
const fewest = Math.min(numRuns, 100);
/** The same histories each time, so that a red test is about the change at hand; another seed lives others. */
const seed = Number(process.env['HISTORY_SEED'] ?? 20_261_122);
const path = process.env['HISTORY_PATH'];

/** Lives a history through. @returns what went wrong, and after which step. */
async function live(history: History, template: string): Promise<string[]> {
  const lab = await Lab.open(history, template);
  await using _ = lab.workshop;
  for (const [i, step] of history.steps.entries()) {
    await lab.take(step);
    const problems = await check(lab);
    if (problems.length > 0) return [`after step ${i + 1}:`, ...problems];
  }
  const problems = await comeToRest(lab);
  return problems.length > 0 ? ['after the calm end:', ...problems] : [];
}

test(
  'rules 1 to 8 hold after every step of random histories, and the copy is perfect in the end',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'shopsync-'));
    const template = join(folder, 'template.db');
    const store = await Store.open({ path: template, keepPayload: true, now: () => 0 });
    await prepare(store);
    await store.close();
    try {
      const property = fc.asyncProperty(histories, async (history) => {
        const problems = await live(history, template);
        if (problems.length > 0) throw new Error(problems.slice(0, 8).join('\n'));
      });
      const result = await fc.check(property, { numRuns, seed, ...limit, ...(path !== undefined && { path }) });
      const { counterexample, counterexamplePath, errorInstance } = result;
      const report =
        counterexample === null
          ? ''
          : [
              `a history broke a rule (${result.numRuns} lived, shrunk ${result.numShrinks} times):`,
              render(counterexample[0]),
              errorInstance instanceof Error ? (errorInstance.stack ?? errorInstance.message) : String(errorInstance),
              `again: HISTORY_SEED=${seed} HISTORY_PATH=${counterexamplePath} npm test -- test/daemon/sync/property.test.ts`,
            ].join('\n');
      expect(report, report).toBe('');
      expect(result.failed, 'fast-check gave up').toBe(false);
      if (path === undefined) expect(result.numRuns).toBeGreaterThanOrEqual(fewest);
      console.log(`${result.numRuns} histories lived, HISTORY_SEED=${seed}`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
  Math.max(120_000, numRuns * 200),
);
