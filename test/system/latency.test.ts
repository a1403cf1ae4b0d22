import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type Socket, connect } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { expect, test } from 'vitest';
import { z } from 'zod';

import { status } from '../../shared/views.ts';
import { Installation } from '../daemon/daemon-process.ts';
import { listening, poll } from './world.ts';

/** What a person or a script waits for an answer at most, of a hundred calls ninety-nine times, milliseconds. */
const mostMs = 30;
const calls = 1000;
/** Requests a second: the fastest that TikTok documents. */
const rate = 50;

const sandboxProgram = fileURLToPath(new URL('../../dist/test/sandbox/main.js', import.meta.url));
const facts = z.object({
  url: z.string(),
  appKey: z.string(),
  appSecret: z.string(),
  accessToken: z.string(),
  refreshToken: z.string(),
});

/** A shop that is served by a process of its own, so that its work and the measuring do not wait for each other. */
async function startShop() {
  const args = ['--orders', '100000', '--rate', String(rate), '--frozen', '--warm', '--with-parent'];
  const child = spawn(process.execPath, [sandboxProgram, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  for await (const line of createInterface(child.stdout))
    return {
      facts: facts.parse(JSON.parse(line)),
      [Symbol.asyncDispose]: async () => {
        child.kill('SIGTERM');
        if (child.exitCode === null) await once(child, 'exit');
      },
    };
  throw new Error('the sandbox ended before it listened');
}

const request = `${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'status' })}\n`;

/** Milliseconds from sending a request to having the whole answer; the answer itself. */
async function ask(socket: Socket): Promise<{ readonly ms: number; readonly text: string }> {
  const began = performance.now();
  let text = '';
  const whole = Promise.withResolvers<void>();
  const take = (chunk: Buffer): void => {
    text += chunk.toString('latin1');
    if (text.endsWith('\n')) whole.resolve();
  };
  socket.on('data', take).once('error', whole.reject);
  socket.write(request);
  await whole.promise;
  const ms = performance.now() - began;
  socket.off('data', take).off('error', whole.reject);
  return { ms, text };
}

/** The same with a connection that is opened for it. */
async function askAnew(path: string): Promise<number> {
  const began = performance.now();
  const socket = connect(path);
  await ask(socket);
  const ms = performance.now() - began;
  socket.destroy();
  return ms;
}

const percentile = (sorted: readonly number[], share: number): number => sorted[Math.floor(sorted.length * share)] ?? 0;

const words = (times: readonly number[]) => {
  const sorted = times.toSorted((a, b) => a - b);
  return { p50: percentile(sorted, 0.5), p99: percentile(sorted, 0.99), most: sorted.at(-1) ?? 0 };
};

const answer = z.object({ result: status });
const isSyncing = (text: string): boolean =>
  answer.parse(JSON.parse(text)).result.streams.some(({ run }) => run?.kind === 'full');

test(`status answers within ${mostMs} ms, p99 of ${calls} calls, while a full run reads ${rate} pages a second`, async () => {
  await using shop = await startShop();
  await using place = new Installation();
  const daemon = place.start([], {
    SHOPSYNC_API_BASE_URL: shop.facts.url,
    SHOPSYNC_API_AUTH_URL: shop.facts.url,
    SHOPSYNC_API_APP_KEY: shop.facts.appKey,
    SHOPSYNC_APP_SECRET: shop.facts.appSecret,
    SHOPSYNC_ACCESS_TOKEN: shop.facts.accessToken,
    SHOPSYNC_REFRESH_TOKEN: shop.facts.refreshToken,
    SHOPSYNC_API_REQUESTS_PER_SECOND: String(rate),
    SHOPSYNC_SCHEDULE_ORDERS: 'off',
  });
  await listening(daemon);
  const kept = connect(place.socket);
  try {
    await expect.poll(async () => isSyncing((await ask(kept)).text), poll).toBe(true);
    const overOne: number[] = [];
    const overFresh: number[] = [];
    while (overFresh.length < calls) {
      const one = await ask(kept);
      const ms = await askAnew(place.socket);
      // Calls that come one by one, not a load.
      await pause(3);
      if (isSyncing(one.text)) {
        overOne.push(one.ms);
        overFresh.push(ms);
      } else if (!isSyncing((await ask(kept)).text)) await place.call('fullResync');
    }
    const told = { overOne: words(overOne), overFresh: words(overFresh) };
    for (const [how, { p50, p99, most }] of Object.entries(told))
      console.log(`status, ${how}: p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, most ${most.toFixed(1)} ms`);
    expect(told.overOne.p99).toBeLessThanOrEqual(mostMs);
    expect(told.overFresh.p99).toBeLessThanOrEqual(mostMs);
  } finally {
    kept.destroy();
  }
});
