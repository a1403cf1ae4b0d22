import { expect, test } from 'vitest';
import { z } from 'zod';

import { type Connection, createDispatcher } from '../../../daemon/rpc/dispatch.ts';
import { readMessage } from '../../../daemon/rpc/message.ts';
import { createStoppable } from '../../../daemon/rpc/stopping.ts';
import { until } from './harness.ts';

const row = (reads: boolean) => ({ summary: '', reads, params: z.strictObject({}), result: z.string() });
const table = { status: row(true), sync: row(false), shutdown: row(false) };

const nobody: Connection = {
  signal: new AbortController().signal,
  subscribe: async () => 0,
  unsubscribe: () => [],
};

/** A dispatcher whose handlers answer once they are let through. */
const start = () => {
  const waiting: (() => void)[] = [];
  const called: string[] = [];
  const handler = (name: string) => async (): Promise<string> => {
    called.push(name);
    await new Promise<void>((resolve) => waiting.push(resolve));
    return name;
  };
  const handlers = { status: handler('status'), sync: handler('sync'), shutdown: handler('shutdown') };
  const fail = (error: unknown): never => {
    throw error;
  };
  const inner = createDispatcher(table, handlers, { onInternalError: fail });
  const dispatcher = createStoppable(inner, (name) => name === 'status');
  const ask = (text: string): Promise<string | undefined> => dispatcher.answer(readMessage(text), nobody);
  const call = (method: string, id: number): Promise<string | undefined> =>
    ask(JSON.stringify({ jsonrpc: '2.0', method, id }));
  const letGo = (): void => {
    for (const go of waiting.splice(0)) go();
  };
  return { dispatcher, ask, call, letGo, called };
};

const stopped = (id: number): object => ({
  jsonrpc: '2.0',
  error: { code: -32010, message: expect.any(String), data: expect.objectContaining({ code: 'shutting_down' }) },
  id,
});
const parsed = (text: string | undefined): unknown => JSON.parse(text ?? 'null');

test('lesson 15: what is under way is answered -32010 when it is abandoned, and shutdown itself is not', async () => {
  const { dispatcher, ask, call, letGo, called } = start();
  const answers = [
    call('sync', 1),
    call('status', 2),
    ask('[{"jsonrpc":"2.0","method":"sync","id":3},{"jsonrpc":"2.0","method":"sync"},7]'),
    call('shutdown', 4),
  ];
  await until(() => called.length === 5);
  dispatcher.abandon();
  expect(parsed(await answers[0])).toEqual(stopped(1));
  expect(parsed(await answers[1])).toEqual(stopped(2));
  expect(parsed(await answers[2])).toMatchObject([stopped(3), { error: { code: -32600 }, id: null }]);
  expect(parsed(await call('status', 5))).toEqual(stopped(5));
  expect(await ask('{"jsonrpc":"2.0","method":"sync"}')).toBeUndefined();
  expect(called).toHaveLength(5);
  letGo();
  expect(parsed(await answers[3])).toEqual({ jsonrpc: '2.0', result: 'shutdown', id: 4 });
});

test('work is refused while it stops, reading and what is under way are not', async () => {
  const { dispatcher, call, letGo, called } = start();
  const before = call('sync', 1);
  await until(() => called.length === 1);
  dispatcher.refuseWork();
  const status = call('status', 2);
  const again = call('shutdown', 3);
  expect(parsed(await call('sync', 4))).toEqual(stopped(4));
  letGo();
  expect(parsed(await before)).toMatchObject({ result: 'sync' });
  expect(parsed(await status)).toMatchObject({ result: 'status' });
  expect(parsed(await again)).toMatchObject({ result: 'shutdown' });
  expect(called).toEqual(['sync', 'status', 'shutdown']);
});
