import { expect, test } from 'vitest';

import { Installation } from '../daemon/daemon-process.ts';
import { startSandbox } from '../sandbox/sandbox.ts';
import { runClient } from '../tui/client-process.ts';
import { listening, poll } from './world.ts';

/** Requests a second: 120,000 orders take 120 s and more, longer than two measures and a wait of one interval. */
const rate = 10;
/** How long a pace is measured, milliseconds. */
const measured = 15_000;
const looking = { ...poll, timeout: 70_000, interval: 20 };

/** Waits for a moment of the monotonic clock, in milliseconds: a pace is requests over time. */
const until = (moment: number): Promise<void> =>
  new Promise((resolve) => void setTimeout(resolve, Math.max(0, moment - performance.now())));

test('live before history: while 120,000 orders are read, an order is there within 3 s of a sync, and within one interval without', async () => {
  await using sandbox = await startSandbox({ orders: 120_000, frozen: true, rate, latencyMs: 20, seed: 5 });
  await using place = new Installation(sandbox);
  const env = { SHOPSYNC_API_REQUESTS_PER_SECOND: String(rate), SHOPSYNC_SCHEDULE_ORDERS: '* * * * *' };
  const daemon = place.start([], env);
  await listening(daemon);

  const isStored = (id: string): boolean => place.rows(`select 1 from orders where id = '${id}'`).length === 1;
  const stored = async (id: string): Promise<void> => {
    await expect.poll(() => isStored(id), looking).toBe(true);
  };
  /** Requests of the full run so far; it must not have ended. */
  const historyRequests = async (): Promise<number> => {
    const [stream] = (await place.status()).streams;
    if (stream?.run?.kind !== 'full') throw new Error('the full run has ended before the measurement');
    return stream.run.requests;
  };
  const paceWhile = async (work: () => Promise<void>): Promise<number> => {
    const [began, before] = [performance.now(), await historyRequests()];
    await work();
    await until(began + measured);
    return ((await historyRequests()) - before) / ((performance.now() - began) / 1000);
  };

  await expect.poll(historyRequests, looking).toBeGreaterThan(2 * rate);
  const alone = await paceWhile(async () => undefined);

  const delays: number[] = [];
  const beside = await paceWhile(async () => {
    const id = sandbox.world.place({ still: true });
    const began = performance.now();
    const { status, stderr } = await runClient(['sync', 'orders', '--socket', place.socket], { env: place.env });
    expect(status, stderr).toBe(0);
    await stored(id);
    delays.push(performance.now() - began);
  });
  expect(Math.max(...delays)).toBeLessThan(3000);

  const id = sandbox.world.place({ still: true });
  const began = performance.now();
  await stored(id);
  const unasked = performance.now() - began;
  console.log(
    `full run ${alone.toFixed(2)} requests/s alone, ${beside.toFixed(2)} beside live work; ` +
      `an order is stored ${delays.map((ms) => ms.toFixed(0)).join(', ')} ms after the command, ${unasked.toFixed(0)} ms without it`,
  );
  expect(unasked).toBeLessThan(63_000);
  await historyRequests();
  expect(beside).toBeGreaterThan(0.95 * alone);
});
