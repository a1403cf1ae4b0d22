import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';

import { newFolder, RawPeer, until } from './harness.ts';

const subscribe = `${JSON.stringify({ jsonrpc: '2.0', method: 'subscribe', params: {}, id: 1 })}\n`;
const report = z.object({ published: z.int(), held: z.number(), rss: z.number() });

/** Takes events as they come and keeps of them only whether one was missing. */
class Reader {
  readonly peer: RawPeer;
  runs = 0;
  first: number | undefined;
  seq = 0;
  fault = '';

  constructor(path: string) {
    this.peer = new RawPeer(path).send(subscribe);
    this.peer.socket.on('data', () => this.#take());
  }

  #take(): void {
    const end = this.peer.text.lastIndexOf('\n') + 1;
    const lines = this.peer.text.slice(0, end).split('\n');
    this.peer.text = this.peer.text.slice(end);
    for (const line of lines) {
      const seq = Number(/"seq":(\d+)/.exec(line)?.[1] ?? 0);
      if (seq === 0) continue;
      this.first ??= seq;
      if (this.first !== seq && seq !== this.seq + 1) this.fault = `after ${this.seq} came ${line}`;
      this.seq = seq;
      const run = /"runId":"r(\d+)"/.exec(line)?.[1];
      if (run === undefined) continue;
      if (Number(run) !== this.runs) this.fault = `run ${this.runs} is missing before ${line}`;
      this.runs++;
    }
  }
}

test('lesson 6: one that is stopped costs ten that read nothing, and the daemon little', async () => {
  const path = join(newFolder(), 'control.sock');
  const child = fork(fileURLToPath(new URL('busy-server.ts', import.meta.url)), [path], {
    execArgv: ['--expose-gc', '--max-semi-space-size=1'],
  });
  onTestFinished(() => {
    child.kill();
  });
  await once(child, 'message');
  const stopped = new RawPeer(path).send(subscribe);
  const readers = Array.from({ length: 10 }, () => new Reader(path));
  await stopped.receive(2);
  await until(() => readers.every(({ first }) => first !== undefined));
  stopped.socket.pause();

  const reports: z.infer<typeof report>[] = [];
  while ((reports.at(-1)?.published ?? 0) < 50_000) {
    const told = once(child, 'message');
    child.send(1000);
    const [message] = await told;
    const next = report.parse(message);
    reports.push(next);
    await until(() => readers.every(({ runs, fault }) => runs === next.published || fault !== ''));
    expect(readers.map(({ fault }) => fault).filter((fault) => fault !== '')).toEqual([]);
  }

  const mostOf = (numbers: readonly number[]): number => Math.max(...numbers) - (numbers[0] ?? 0);
  const settled = reports.slice(2);
  expect(mostOf(settled.map(({ held }) => held))).toBeLessThan(10 * 1024 * 1024);
  expect(mostOf(settled.map(({ rss }) => rss))).toBeLessThan(10 * 1024 * 1024);

  stopped.socket.resume();
  await stopped.ended;
  const lines = stopped.lines.slice(1);
  const seqs = lines.map((line) => Number(/"seq":(\d+)/.exec(line)?.[1]));
  expect(seqs).toEqual(lines.map((_, index) => (seqs[0] ?? 0) + index));
  expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({
    method: 'event',
    params: { topic: 'overflow', data: { dropped: expect.any(Number) } },
  });
  expect(stopped.text).not.toContain('"r49999"');
  expect(stopped.text.length).toBeLessThan(2 * 1024 * 1024);
}, 60_000);
