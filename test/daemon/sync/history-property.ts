import fc from 'fast-check';
import { expect } from 'vitest';

import { check, comeToRest } from './history-checks.ts';
import { Lab } from './history-lab.ts';
import { type Place, inFastFolder } from './history-place.ts';
import { type Reached, unreached } from './history-reach.ts';
import { render } from './history-told.ts';
import { type History, histories } from './history.ts';

/**
 * A thousand in `npm test`. More, others, or one again:
 * `HISTORIES=100000 HISTORY_SEED=7 npm test -- test/daemon/sync/property`; a history that broke a rule prints its own line.
 */
const wanted = Number(process.env['HISTORIES'] ?? 1000);
/** The same histories each time, so that a red test is about the change at hand; another seed lives others. */
const usualSeed = 20_261_122;
const seed = Number(process.env['HISTORY_SEED'] ?? usualSeed);
const path = process.env['HISTORY_PATH'];

/** Two files share the histories, so that two workers live them. */
const shares = 2;

/** A smaller history is looked for so long, milliseconds. */
const shrinkMs = 30_000;

/** So many histories reach everything that can happen to them; with another seed it takes some luck. */
const enough = seed === usualSeed ? 300 : 3000;

/** Milliseconds for a share of the histories: many times what they need on a machine that has nothing else to do. */
export const shareTimeout = 120_000 + (wanted / shares) * 500;

/**
 * Lives this file's share of the histories.
 * @param share from 0.
 */
export async function liveShare(share: number, file: string): Promise<void> {
  const numRuns = Math.floor((wanted + share) / shares);
  const reached: Reached = new Map();
  await inFastFolder(async (place) => {
    let brokenAt: number | undefined;
    const property = fc.asyncProperty(histories, async (history) => {
      if (brokenAt !== undefined && performance.now() - brokenAt > shrinkMs) return;
      const problems = await live(history, place, reached);
      if (problems.length === 0) return;
      brokenAt ??= performance.now();
      throw new Error(problems.slice(0, 8).join('\n'));
    });
    const result = await fc.check(property, { numRuns, seed: seed + share, ...(path !== undefined && { path }) });
    const { counterexample, counterexamplePath, errorInstance } = result;
    const report =
      counterexample === null
        ? ''
        : [
            `a history broke a rule (${result.numRuns} lived, shrunk ${result.numShrinks} times):`,
            render(counterexample[0]),
            errorInstance instanceof Error ? (errorInstance.stack ?? errorInstance.message) : String(errorInstance),
            `again: HISTORY_SEED=${seed} HISTORY_PATH=${counterexamplePath} npm test -- test/daemon/sync/${file}`,
          ].join('\n');
    expect(report, report).toBe('');
    expect(result.failed, 'fast-check gave up').toBe(false);
    if (path !== undefined) return;
    expect(result.numRuns).toBe(numRuns);
    if (numRuns >= enough) expect(unreached(reached)).toEqual([]);
    console.log(`${result.numRuns} histories lived, HISTORY_SEED=${seed}, share ${share + 1} of ${shares}`);
  });
}

/** Lives a history through. @returns what went wrong, and after which step. */
async function live(history: History, place: Place, reached: Reached): Promise<string[]> {
  const lab = await Lab.open(history, place);
  await using _ = lab.workshop;
  for (const [i, step] of history.steps.entries()) {
    await lab.take(step);
    const problems = await check(lab);
    if (problems.length > 0) return [`after step ${i + 1}:`, ...problems];
  }
  const problems = await comeToRest(lab);
  for (const what of lab.ledger.reached) reached.set(what, (reached.get(what) ?? 0) + 1);
  return problems.length > 0 ? ['after the calm end:', ...problems] : [];
}
