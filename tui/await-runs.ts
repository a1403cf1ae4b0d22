import type { Run, Started } from '../shared/run-views.ts';
import { cleanAll } from './clean.ts';
import { Unsuccessful, exit } from './failure.ts';
import { follow } from './follow.ts';
import { progressDisplay } from './progress-display.ts';
import type { Session } from './session.ts';
import type { NameOf } from './shop-names.ts';
import { runWords, streamWords } from './words.ts';

/** A new start takes up what is missing; what moves nothing is for whoever asked, or for its next night. */
const cureOf = ({ state, kind }: Run): string | undefined => {
  if (state !== 'interrupted') return undefined;
  const isTakenUp = kind === 'full' || kind === 'incremental';
  return `the daemon stopped; ${isTakenUp ? 'its next start goes on with what is missing' : 'ask again when it is back'}`;
};

const hintOf = (run: Run): string => {
  const hint = run.error?.hint ?? cureOf(run);
  return hint === undefined ? '' : ` (${hint})`;
};

/** One sentence for all that went wrong alike: which they are, why, and what to do. */
const togetherWords = (bad: readonly Run[], nameOf: NameOf): string =>
  [...Map.groupBy(bad, (run) => `${run.state}${run.error ? `: ${run.error.message}` : ''}${hintOf(run)}`)]
    .map(([why, runs]) => `${runs.map((run) => streamWords(run, nameOf)).join(', ')} ${why}`)
    .join('; ');

const failureOf = (runs: readonly Run[], nowMs: number, nameOf: NameOf): Unsuccessful | undefined => {
  const bad = runs.filter(({ state }) => state !== 'succeeded');
  const [first] = runs;
  if (bad.length === 0 || first === undefined) return undefined;
  const words =
    runs.length === 1
      ? `${runWords(first, nowMs, nameOf)}${hintOf(first)}`
      : `${bad.length} of ${runs.length} runs did not succeed: ${togetherWords(bad, nameOf)}`;
  const refused = bad.some(({ error }) => error?.code === 'not_authorized');
  return new Unsuccessful(words, refused ? exit.unauthorized : exit.failed);
};

/** What was accepted, in words. */
export const acceptedWords = ({ runs }: Started, nameOf: NameOf): readonly string[] =>
  runs.length === 0
    ? ['There is nothing to do.']
    : runs.map(
        (run) => `${streamWords(run, nameOf)}: ${run.joined ? 'joined' : 'started'} ${run.kind} run ${run.runId}`,
      );

/** What is still going on when nobody waits any more, and the command that ends it. */
const goesOn = (session: Session, { runs: [first, ...more] }: Started): string => {
  if (first === undefined) return 'nothing is under way';
  return more.length === 0
    ? `run ${first.runId} goes on; to cancel it: ${session.commandLine('cancel', first.runId)}`
    : `${more.length + 1} runs go on; to cancel them: ${session.commandLine('cancel')}`;
};

/**
 * Stays with the runs until they end and returns what the history says of them. Throws Unsuccessful when one did not
 * succeed (exit status 6 where authorization is missing, else 1; of several each is told on stderr then), and when the waiting ended before the runs: by
 * --timeout (4) or by the user (130). The runs go on then.
 */
export const awaitRuns = async (session: Session, started: Started, nameOf: NameOf): Promise<readonly Run[]> => {
  const { host } = session;
  const display = progressDisplay(host, cleanAll(started.runs), nameOf);
  let lost = false;
  const interrupted = Promise.withResolvers<never>();
  const forget = host.onInterrupt(() =>
    interrupted.reject(new Unsuccessful(`interrupted: ${goesOn(session, started)}`, exit.interrupted)),
  );
  try {
    const following = follow(started.runs, {
      reach: () => session.open('reading'),
      onProgress: display.update,
      onEnd: ({ runId }) => display.ended(runId),
      onState: (state) => {
        if (state.kind === 'down' && !lost) display.note(`lost the daemon, trying again: ${state.why}`);
        if (state.kind === 'up' && lost) display.note('the daemon is back');
        lost = state.kind === 'down' || (lost && state.kind === 'connecting');
      },
      now: host.now,
      signal: session.signal,
    });
    const runs = await session.within(Promise.race([following, interrupted.promise]));
    const failure = failureOf(cleanAll(runs), host.now(), nameOf);
    if (failure === undefined) return runs;
    display.finish();
    // Those that succeeded would not be told otherwise: stdout is for a result that is one.
    if (runs.length > 1) for (const run of cleanAll(runs)) host.stderr.write(`${runWords(run, host.now(), nameOf)}\n`);
    throw failure;
  } catch (error) {
    if (!(error instanceof Unsuccessful) || error.status !== exit.timeout) throw error;
    throw new Unsuccessful(`${error.message}: ${goesOn(session, started)}`, exit.timeout);
  } finally {
    forget();
    display.finish();
  }
};
