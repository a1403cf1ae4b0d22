import type { Progress } from '../shared/views.ts';
import { bar } from './format.ts';
import { rate } from './format.ts';
import type { Host } from './host.ts';
import { cut, fit } from './width.ts';
import { doneWords, etaWords, noun, percentWords, progressWords } from './words.ts';

export interface ProgressDisplay {
  readonly update: (stream: string, progress: Progress) => void;
  /** Something to say besides, once. */
  readonly note: (text: string) => void;
  /** Takes the bars away, so that what comes next stands alone. */
  readonly finish: () => void;
}

const bars = (runs: ReadonlyMap<string, readonly [string, Progress]>, columns: number): readonly string[] =>
  [...runs.values()].map(([stream, run]) => {
    const share = run.expected === null || run.expected === 0 ? 0 : run.done / run.expected;
    const speed = `${rate(run.perSecond)} ${noun(stream)}/s`;
    const line = `${fit(stream, 10)} ${bar(share, 24)} ${fit(percentWords(run), 5, 'right')}  ${doneWords(run)}`;
    return cut(`${line}  ${speed}  ${etaWords(run)}`, columns - 1);
  });

/** Bars that are drawn over themselves, at most four times a second. */
const onTerminal = ({ stderr, now }: Host): ProgressDisplay => {
  const runs = new Map<string, readonly [string, Progress]>();
  let drawn = 0;
  let lastMs = Number.NEGATIVE_INFINITY;
  // From the line's beginning: the terminal itself writes ^C where the cursor is.
  const wipe = (): string => (drawn === 0 ? '' : `\r\u001b[${drawn}A\u001b[J`);
  const draw = (above = ''): void => {
    const lines = bars(runs, stderr.columns);
    stderr.write(`${wipe()}${above}${lines.map((line) => `${line}\n`).join('')}`);
    drawn = lines.length;
    lastMs = now();
  };
  return {
    update(stream, progress) {
      runs.set(progress.runId, [stream, progress]);
      if (now() - lastMs >= 250) draw();
    },
    note: (text) => draw(`${text}\n`),
    finish() {
      stderr.write(wipe());
      drawn = 0;
    },
  };
};

/** Plain lines on stderr, at most one every two seconds for each run, and none for a run that is over before that. */
const inLog = ({ stderr, now }: Host): ProgressDisplay => {
  const lastMs = new Map<string, number>();
  const began = now();
  return {
    update(stream, progress) {
      if (now() - (lastMs.get(progress.runId) ?? began) < 2000) return;
      lastMs.set(progress.runId, now());
      stderr.write(`${progressWords(stream, progress)}\n`);
    },
    note: (text) => void stderr.write(`${text}\n`),
    finish() {},
  };
};

/** Progress for whoever waits: bars on a terminal, plain lines elsewhere. Always on stderr: stdout has the result. */
export const progressDisplay = (host: Host): ProgressDisplay =>
  host.stderr.isTTY && host.env['TERM'] !== 'dumb' ? onTerminal(host) : inLog(host);
