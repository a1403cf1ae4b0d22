import { expect, test } from 'vitest';

import { aRun, streamWith } from './events.ts';
import { exchange, RawPeer, startRig, until } from './harness.ts';
import { emptyStatus } from './samples.ts';

const subscribe = (id: number, topics = ['runs', 'progress']): string =>
  `${JSON.stringify({ jsonrpc: '2.0', method: 'subscribe', params: { topics }, id })}\n`;

const apiOf = (shop: string) => ({
  shop,
  requestsPerSecond: 3,
  ceiling: 10,
  usedToday: 0,
  dailyQuota: null,
  throttledUntil: null,
  tokenExpiresAt: null,
});

const seqs = (messages: readonly unknown[]): unknown[] =>
  messages.flatMap((message) =>
    typeof message === 'object' && message !== null && 'params' in message ? [message.params] : [],
  );

test('reply, snapshot, events; nothing to those who did not ask', async () => {
  const { path, bus } = await startRig();
  const watcher = new RawPeer(path).send(subscribe(1));
  const silent = new RawPeer(path).send('{"jsonrpc":"2.0","method":"echo","params":["x"],"id":1}\n');
  await Promise.all([watcher.receive(2), silent.receive(1)]);
  bus.publish({ topic: 'runs', key: 'r1', data: aRun('r1', 'running') });
  bus.publish({ topic: 'api', key: 's1', data: apiOf('s1') });
  const messages = await watcher.receive(3);
  expect(messages).toMatchObject([
    { result: 0, id: 1 },
    { jsonrpc: '2.0', method: 'event', params: { topic: 'snapshot', seq: 1, data: emptyStatus } },
    { jsonrpc: '2.0', method: 'event', params: { topic: 'runs', seq: 2, data: aRun('r1', 'running') } },
  ]);
  silent.send('{"jsonrpc":"2.0","method":"echo","params":["x"],"id":2}\n');
  expect(await silent.receive(2)).toMatchObject([{ id: 1 }, { id: 2 }]);
});

test('a snapshot that fails is the answer to the subscribe', async () => {
  const { path, internalErrors } = await startRig({ snapshot: () => Promise.reject(new Error('store')) });
  expect(JSON.parse(await exchange(path, subscribe(1)))).toMatchObject({ error: { code: -32603 }, id: 1 });
  expect(internalErrors).toMatchObject([{ method: 'subscribe' }]);
});

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

test('progress alone never cuts off one who does not read: it gets the latest when it reads again', async () => {
  const soon = (run: () => void): (() => void) => {
    const immediate = setImmediate(run);
    return () => clearImmediate(immediate);
  };
  const { path, bus } = await startRig({ schedule: soon });
  const slow = new RawPeer(path).send(subscribe(1, ['progress']));
  await slow.receive(2);
  slow.socket.pause();
  const keys = Array.from({ length: 2000 }, (_, index) => String(index));
  for (let total = 1; total <= 50; total++) {
    for (const key of keys) bus.publish({ topic: 'progress', key, data: streamWith(total, key) });
    await new Promise((resolve) => setImmediate(resolve));
  }
  slow.socket.resume();
  const last = JSON.stringify(streamWith(50, '1999'));
  await until(() => slow.text.includes(last) && slow.text.endsWith('\n'));
  const events = seqs(slow.messages).filter(isObject);
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
  const data = events.map((event) => event['data']).filter(isObject);
  const latest = new Map(data.map(({ stream, total }) => [stream, total]));
  expect(keys.every((key) => latest.get(key) === 50)).toBe(true);
  expect(events.length).toBeLessThan(50 * keys.length);
});
