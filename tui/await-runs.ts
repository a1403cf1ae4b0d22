import type { Run, Started } from '../shared/views.ts';
import { cleanAll } from './clean.ts';
import { Unsuccessful, exit } from './failure.ts';
import { follow } from './follow.ts';
import { progressDisplay } from './progress-display.ts';
import type { Session } from './session.ts';
import { runWords } from './words.ts';

const cure: Readonly<Partial<Record<Run['state'], string>>> = {
  interrupted: 'the daemon stopped; its next start goes on with what is missing',
};

const failureOf = (runs: readonly Run[], nowMs: number): Unsuccessful | undefined => {
  const bad = runs.filter(({ state }) => state !== 'succeeded');
  if (bad.length === 0) return undefined;
  const words = bad.map((run) => {
    const hint = run.error?.hint ?? cure[run.state];
    return hint === undefined ? runWords(run, nowMs) : `${runWords(run, nowMs)} (${hint})`;
  });
  const refused = bad.some(({ error }) => error?.code === 'not_authorized');
  return new Unsuccessful(words.join('; '), refused ? exit.unauthorized : exit.failed);
};

/** What was accepted, in words. */
export const acceptedWords = ({ runs }: Started): readonly string[] =>
  runs.length === 0
    ? ['There is nothing to do.']
    : runs.map(
        ({ stream, kind, runId, joined, shop }) =>
          `${stream} of shop ${shop}: ${joined ? 'joined' : 'started'} ${kind} run ${runId}`,
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
 * succeed (exit status 6 where authorization is missing, else 1), and when the waiting ended before the runs: by
 * --timeout (4) or by the user (130). The runs go on then.
 */
export const awaitRuns = async (session: Session, started: Started): Promise<readonly Run[]> => {
  const { host } = session;
  const display = progressDisplay(host);
  let lost = false;
  const interrupted = Promise.withResolvers<never>();
  const forget = host.onInterrupt(() =>
    interrupted.reject(new Unsuccessful(`interrupted: ${goesOn(session, started)}`, exit.interrupted)),
  );
  try {
    const following = follow(started.runs, {
      reach: () => session.open('reading'),
      onProgress: (stream, progress) => display.update(cleanAll(stream), progress),
      onState: (state) => {
        if (state.kind === 'down' && !lost) display.note(`lost the daemon, trying again: ${state.why}`);
        if (state.kind === 'up' && lost) display.note('the daemon is back');
        lost = state.kind === 'down' || (lost && state.kind === 'connecting');
      },
      now: host.now,
      signal: session.signal,
    });
    const runs = await session.within(Promise.race([following, interrupted.promise]));
    const failure = failureOf(runs, host.now());
    if (failure !== undefined) throw failure;
    return runs;
  } catch (error) {
    if (!(error instanceof Unsuccessful) || error.status !== exit.timeout) throw error;
    throw new Unsuccessful(`${error.message}: ${goesOn(session, started)}`, exit.timeout);
  } finally {
    forget();
    display.finish();
  }
};
