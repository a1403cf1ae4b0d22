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

/**
 * Stays with the runs until they end and returns what the history says of them. Throws Unsuccessful when one did not
 * succeed: exit status 6 where authorization is missing, else 1.
 */
export const awaitRuns = async (session: Session, started: Started): Promise<readonly Run[]> => {
  const { host } = session;
  const display = progressDisplay(host);
  let lost = false;
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
    const runs = await session.within(following);
    const failure = failureOf(runs, host.now());
    if (failure !== undefined) throw failure;
    return runs;
  } finally {
    display.finish();
  }
};
