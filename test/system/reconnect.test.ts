import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';

import { event, logLine } from '../../shared/views.ts';
import { Installation } from '../daemon/daemon-process.ts';
import { startSandbox } from '../sandbox/sandbox.ts';
import { ClientProcess, eventually } from '../tui/client-process.ts';
import { Cuttable } from '../tui/cuttable.ts';
import { listening, poll } from './world.ts';

/** A client that runs until the test ends. */
const client = (socket: string, ...args: readonly string[]): ClientProcess => {
  const started = new ClientProcess([...args, '--socket', socket]);
  onTestFinished(() => started.signal('SIGKILL'));
  return started;
};

const whole = (text: string): readonly string[] =>
  text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .slice(0, -1);
const told = (watching: ClientProcess): readonly z.infer<typeof event>[] =>
  whole(watching.stdout).map((line) => event.parse(JSON.parse(line)));
/** Run and state of each event of a run. */
const runsIn = (watching: ClientProcess): readonly string[] =>
  told(watching).flatMap((one) => (one.topic === 'runs' ? [`${one.data.runId} ${one.data.state}`] : []));

test('lesson 7: watch, logs --follow and sync --wait lose nothing and repeat nothing when the connection is cut in a run', async () => {
  await using sandbox = await startSandbox({ orders: 20_000, frozen: true });
  await using place = new Installation(sandbox);
  await listening(place.start([], { SHOPSYNC_API_REQUESTS_PER_SECOND: '25' }));
  await place.call('log.setLevel', { level: 'trace' });
  await place.call('sync', { wait: true });
  const isIdle = async (): Promise<boolean> => (await place.status()).streams.every(({ run }) => run === null);
  await expect.poll(isIdle, poll).toBe(true);
  const before = new Set((await place.history()).map(({ runId }) => runId));
  const front = await new Cuttable(place.socket).open();
  const watching = client(front.path, 'watch', '--json');
  const reading = client(front.path, 'watch');
  const logs = client(front.path, 'logs', '--follow', '--json');
  await expect.poll(() => [watching, reading, logs].every(({ stdout }) => stdout !== ''), poll).toBe(true);
  const waiting = client(front.path, 'full-resync', 'orders', '--yes', '--wait');
  await expect.poll(() => waiting.stderr, poll).toContain(' orders/s');

  const done = async (): Promise<number> =>
    (await place.status()).streams.find(({ stream }) => stream === 'orders')?.run?.done ?? 0;
  for (const [round, reached] of [3000, 8000, 13_000].entries()) {
    await expect.poll(done, poll).toBeGreaterThan(reached);
    front.isSwallowing = true;
    // Runs begin and end while nobody can be told.
    if (round === 1) await place.call('sync', { stream: 'orders', from: 1_600_000_000, to: 1_600_000_060, wait: true });
    const come = front.connections;
    front.cut();
    await eventually(() => front.connections >= come + 4, 'all four come back');
  }
  expect(await waiting.ended).toMatchObject({ status: 0 });
  await place.call('sync', { stream: 'orders', wait: true });

  const history = (await place.history()).filter(({ runId }) => !before.has(runId));
  const ended = history.map(({ runId, state }) => `${runId} ${state}`);
  const known = (): readonly string[] => runsIn(watching).filter((run) => !run.endsWith(' running'));
  await eventually(() => known().length >= ended.length, 'the last run');
  expect(known().toSorted()).toEqual(ended.toSorted());
  expect(known().length).toBeGreaterThanOrEqual(3);
  expect(new Set(runsIn(watching)).size).toBe(runsIn(watching).length);
  expect(told(watching).map(({ seq }) => seq)).toEqual(
    told(watching).map((_, index) => index + (told(watching)[0]?.seq ?? 0)),
  );
  expect(told(watching).filter(({ topic }) => topic === 'snapshot').length).toBe(4);

  const ends = (text: string): readonly string[] => whole(text).filter((line) => / (succeeded|failed) /.test(line));
  await eventually(() => ends(reading.stdout).length >= known().length, 'the same in words');
  expect(ends(reading.stdout).length).toBe(known().length);
  expect(whole(reading.stdout).filter((line) => / shopsyncd .*, pid /.test(line)).length).toBe(1);

  const { lines } = z.object({ lines: z.array(logLine) }).parse(await place.call('logs', { lines: 1, level: 'trace' }));
  const last = lines[0]?.line ?? 0;
  const numbers = (): readonly number[] => whole(logs.stdout).map((line) => logLine.parse(JSON.parse(line)).line);
  await eventually(() => (numbers().at(-1) ?? 0) >= last, 'the last line of the log');
  // Those of the runs that nobody could be told of are among them.
  for (const { runId } of history) expect(logs.stdout).toContain(runId);
  expect(numbers()).toEqual(numbers().map((_, index) => index + (numbers()[0] ?? 0)));
});
