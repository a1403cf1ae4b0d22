import { expect, test } from 'vitest';
import { z } from 'zod';

import { observeSocket } from '../../shared/paths.ts';
import { Installation } from '../daemon/daemon-process.ts';
import { RawPeer, until } from '../daemon/rpc/harness.ts';
import { ask, call } from '../daemon/rpc/http-client.ts';
import { startSandbox } from '../sandbox/sandbox.ts';
import { listening, poll } from './world.ts';

const subscribed = z.object({ id: z.literal(1), result: z.object({ instanceId: z.string(), seq: z.int() }) });
const event = z.object({
  method: z.literal('event'),
  params: z.object({
    topic: z.string(),
    seq: z.int(),
    data: z.looseObject({ runId: z.string().optional(), state: z.string().optional() }),
  }),
});

/** A subscriber of a real daemon, and what it was told so far. */
class Watcher {
  readonly peer: RawPeer;

  constructor(path: string, params: object = {}) {
    this.peer = new RawPeer(path).send(`${JSON.stringify({ jsonrpc: '2.0', method: 'subscribe', params, id: 1 })}\n`);
  }

  get #messages(): unknown[] {
    const whole = this.peer.text.slice(0, this.peer.text.lastIndexOf('\n') + 1);
    return whole.split('\n').flatMap((line): unknown[] => (line === '' ? [] : [JSON.parse(line)]));
  }

  async reply(): Promise<{ instanceId: string; seq: number }> {
    await until(() => this.#messages.length > 0);
    return subscribed.parse(this.#messages[0]).result;
  }

  get events(): z.infer<typeof event>['params'][] {
    return this.#messages.slice(1).map((message) => event.parse(message).params);
  }

  /** Run and state of each event of a run, in order. */
  get runs(): string[] {
    return this.events.flatMap(({ topic, data }) => (topic === 'runs' ? [`${data.runId} ${data.state}`] : []));
  }

  hasEnded(runs: number): boolean {
    return this.runs.filter((run) => !run.endsWith(' running')).length >= runs;
  }

  expectContiguous(after: number): void {
    expect(this.events.map(({ seq }) => seq)).toEqual(this.events.map((_, index) => after + 1 + index));
  }
}

test('lesson 7: a daemon that was killed in a sync and comes back is a new instance, with one snapshot and no run twice', async () => {
  await using sandbox = await startSandbox({ orders: 3000, frozen: true, latencyMs: 10 });
  await using place = new Installation(sandbox);
  const killed = place.start();
  await listening(killed);
  const before = new Watcher(place.socket);
  const { instanceId, seq } = await before.reply();
  before.expectContiguous(seq);
  await expect.poll(async () => (await place.status()).streams[0]?.total ?? 0, poll).toBeGreaterThan(0);
  await killed.kill('SIGKILL');
  await before.peer.ended.catch(() => {});
  before.expectContiguous(seq);

  await listening(place.start());
  const last = before.events.at(-1)?.seq ?? seq;
  const after = new Watcher(place.socket, { since: { instanceId, seq: last } });
  const again = await after.reply();
  expect(again.instanceId).not.toBe(instanceId);
  await place.call('sync', { wait: true });
  await until(() => after.hasEnded(1));
  after.expectContiguous(again.seq);
  expect(after.events.map(({ topic }) => topic).filter((topic) => topic === 'snapshot').length).toBe(1);
  expect(after.events[0]?.topic).toBe('snapshot');
  const all = [...before.runs, ...after.runs].filter((run) => !run.endsWith(' running'));
  expect(all).toEqual([...new Set(all)]);
});

test('lesson 7: who loses the connection and not the daemon misses no run and hears of none twice', async () => {
  await using sandbox = await startSandbox({ orders: 300, frozen: true });
  await using place = new Installation(sandbox);
  const daemon = place.start();
  await listening(daemon);
  const steady = new Watcher(place.socket);
  const first = await steady.reply();
  const lost = new Watcher(place.socket);
  const { instanceId, seq } = await lost.reply();
  await place.call('sync', { wait: true });
  await until(() => lost.hasEnded(1));
  const got = lost.events;
  const known = lost.runs;
  lost.peer.socket.destroy();
  for (const _ of [1, 2]) await place.call('sync', { wait: true });
  const back = new Watcher(place.socket, { since: { instanceId, seq: got.at(-1)?.seq } });
  const again = await back.reply();
  expect(again).toEqual({ instanceId, seq: got.at(-1)?.seq });
  await place.call('sync', { wait: true });
  await until(() => back.hasEnded(3) && steady.runs.at(-1) === back.runs.at(-1));
  const told = [...known, ...back.runs];
  expect(told).toEqual(steady.runs.slice(-told.length));
  back.expectContiguous(again.seq);
  lost.expectContiguous(seq);
  steady.expectContiguous(first.seq);
  await daemon.kill('SIGTERM');
  for (const watcher of [steady, back]) {
    await watcher.peer.ended;
    expect(watcher.events.at(-1)?.topic).toBe('shutdown');
    watcher.expectContiguous(watcher === steady ? first.seq : again.seq);
  }
});

test('lesson 6: during a full run ten watchers hear all of it, with one beside them that is stopped', async () => {
  await using sandbox = await startSandbox({ orders: 20_000, frozen: true });
  await using place = new Installation(sandbox);
  await listening(place.start());
  await place.call('sync', { wait: true });
  const stopped = new Watcher(place.socket);
  await stopped.reply();
  stopped.peer.socket.pause();
  const watchers = Array.from({ length: 10 }, () => new Watcher(place.socket));
  const replies = await Promise.all(watchers.map((watcher) => watcher.reply()));
  await place.call('fullResync', { wait: true });
  await until(() => watchers.every((watcher) => watcher.hasEnded(1)));
  for (const [index, watcher] of watchers.entries()) {
    watcher.expectContiguous(replies[index]?.seq ?? 0);
    expect(watcher.runs).toEqual(watchers[0]?.runs);
    expect(watcher.events.filter(({ topic }) => topic === 'progress').length).toBeGreaterThan(1);
  }
});

test('GET /health and GET /metrics are answered on both sockets, POST /rpc as the socket allows', async () => {
  await using sandbox = await startSandbox({ orders: 300, frozen: true });
  await using place = new Installation(sandbox);
  await listening(place.start());
  await place.call('sync', { wait: true });
  for (const socket of [place.socket, observeSocket(place.socket)]) {
    const health = await ask(socket, { path: '/health', method: 'GET' });
    expect(health.status).toBe(200);
    expect(JSON.parse(health.text)).toMatchObject({ ok: true });
    const metrics = await ask(socket, { path: '/metrics', method: 'GET' });
    expect(metrics.status).toBe(200);
    expect(metrics.headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(metrics.text).toMatch(/^# (HELP|TYPE) /);
    const { text } = await ask(socket, { path: '/rpc', body: call('pause', 1) });
    expect(JSON.parse(text)).toMatchObject(
      socket === place.socket ? { id: 1, result: {} } : { error: { code: -32012 } },
    );
  }
});
