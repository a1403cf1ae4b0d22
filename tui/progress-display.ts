import type { Started } from '../shared/run-views.ts';
import type { Progress } from '../shared/views.ts';
import { bar, number } from './format.ts';
import type { Host } from './host.ts';
import type { NameOf } from './shop-names.ts';
import { cut, cutMiddle, fit, width } from './width.ts';
import { doneWords, etaWords, percentWords, progressWords, speedWords, streamWords } from './words.ts';

export interface ProgressDisplay {
  readonly update: (progress: Progress) => void;
  /** A run is over, or is not one of those that are waited for any more. */
  readonly ended: (runId: string) => void;
  /** Something to say besides, once. */
  readonly note: (text: string) => void;
  /** Takes the bars away, so that what comes next stands alone. */
  readonly finish: () => void;
}

type Awaited = Started['runs'];

/** The widest that a name gets before a bar, in cells. */
const widestLabel = 30;
/** The most lines that are drawn over themselves: more would leave the screen of a small terminal. */
const mostLines = 10;

/** How the runs under way go, a line for each; of several also how many there are, and that alone where they are too many. */
const linesOf = (
  runs: Awaited,
  progress: ReadonlyMap<string, Progress>,
  ended: ReadonlySet<string>,
  nameOf: NameOf,
  { columns, rows }: { readonly columns: number; readonly rows: number },
): readonly string[] => {
  const isOneShop = new Set(runs.map(({ shop }) => shop)).size < 2;
  const label = (run: Awaited[number]): string => (isOneShop ? run.stream : streamWords(run, nameOf));
  const room = Math.min(widestLabel, Math.max(10, ...runs.map((run) => width(label(run)))));
  const barRoom = Math.max(6, Math.min(24, columns - room - 56));
  const isAudit = runs.every(({ kind }) => kind === 'audit');
  const bars = runs.flatMap((run) => {
    const own = progress.get(run.runId);
    if (own === undefined || ended.has(run.runId)) return [];
    const share = own.expected === null || own.expected === 0 ? 0 : own.done / own.expected;
    const graph = `${bar(share, barRoom)} ${fit(percentWords(own), 5, 'right')}  ${doneWords(own)}`;
    const words = `${graph}  ${speedWords(run.stream, own)}  ${etaWords(own)}`;
    return [cut(`${fit(cutMiddle(label(run), room), room)} ${words}`, columns - 1)];
  });
  if (runs.length < 2) return bars;
  const read = [...progress.values()].reduce((sum, { done }) => sum + done, 0);
  const total = `${ended.size} of ${runs.length} ${isAudit ? 'audits' : 'runs'} ended, ${number(read)} ${isAudit ? 'steps done' : 'records read'}`;
  const left = Math.max(0, Math.min(mostLines, rows - 2) - 1);
  const more = bars.length - left;
  return [cut(more > 0 ? `${total}, ${more} more under way` : total, columns - 1), ...bars.slice(0, left)];
};

/** Bars that are drawn over themselves, at most four times a second. */
const onTerminal = ({ stderr, now }: Host, awaited: Awaited, nameOf: NameOf): ProgressDisplay => {
  const progress = new Map<string, Progress>();
  const over = new Set<string>();
  let drawn = 0;
  let lastMs = Number.NEGATIVE_INFINITY;
  // From the line's beginning: the terminal itself writes ^C where the cursor is.
  const wipe = (): string => (drawn === 0 ? '' : `\r\u001b[${drawn}A\u001b[J`);
  const draw = (above = ''): void => {
    const lines = linesOf(awaited, progress, over, nameOf, stderr);
    stderr.write(`${wipe()}${above}${lines.map((line) => `${line}\n`).join('')}`);
    drawn = lines.length;
    lastMs = now();
  };
  const drawSoon = (): void => {
    if (now() - lastMs >= 250) draw();
  };
  return {
    update(run) {
      progress.set(run.runId, run);
      drawSoon();
    },
    ended(runId) {
      over.add(runId);
      if (progress.size > 0) drawSoon();
    },
    note: (text) => draw(`${text}\n`),
    finish() {
      stderr.write(wipe());
      drawn = 0;
    },
  };
};

/** Plain lines on stderr, at most one every two seconds for each run, and none for a run that is over before that. */
const inLog = ({ stderr, now }: Host, awaited: Awaited, nameOf: NameOf): ProgressDisplay => {
  const lastMs = new Map<string, number>();
  const began = now();
  return {
    update(progress) {
      const run = awaited.find(({ runId }) => runId === progress.runId);
      if (run === undefined || now() - (lastMs.get(run.runId) ?? began) < 2000) return;
      lastMs.set(run.runId, now());
      stderr.write(`${progressWords(run, progress, nameOf)}\n`);
    },
    ended() {},
    note: (text) => void stderr.write(`${text}\n`),
    finish() {},
  };
};

/** Progress for whoever waits: bars on a terminal, plain lines elsewhere. Always on stderr: stdout has the result. */
export const progressDisplay = (host: Host, awaited: Awaited, nameOf: NameOf): ProgressDisplay =>
  (host.stderr.isTTY && host.env['TERM'] !== 'dumb' ? onTerminal : inLog)(host, awaited, nameOf);
