import { expect, test } from 'vitest';

import { answerInTurns } from '../../../daemon/rpc/batch.ts';
import { type Call, readMessage, type Refusal } from '../../../daemon/rpc/message.ts';
import { RawPeer, startRig } from './harness.ts';

const batch = (...items: readonly object[]): ReturnType<typeof readMessage> =>
  readMessage(JSON.stringify(items.map((item) => ({ jsonrpc: '2.0', method: 'm', ...item }))));
const calls = (count: number): object[] => Array.from({ length: count }, (_, id) => ({ id }));
/** Of a caller that stays. */
const here = new AbortController().signal;
const parsed = (text: string | undefined): unknown => JSON.parse(text ?? 'null');

test('the items of a batch are begun one a turn, so that others are served between them', async () => {
  const begun: number[] = [];
  let turn = 0;
  let isOver = false;
  const count = (): void => {
    turn++;
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  await answerInTurns(batch(...calls(50)), here, async () => {
    begun.push(turn);
    return '{}';
  });
  isOver = true;
  expect(new Set(begun).size).toBe(50);
});

test('a batch of heavy calls lets another client in before its second or third', async () => {
  const begun: string[] = [];
  const { path } = await startRig({
    dispatcher: {
      answer: (incoming, { signal }) =>
        answerInTurns(incoming, signal, async (item: Call | Refusal) => {
          begun.push(item.id ?? '');
          // Both are connected: what the other one sends now is in the kernel before the next item may begin.
          if (begun.length === 1) other.send('{"jsonrpc":"2.0","method":"m","id":"other"}\n');
          return `{"jsonrpc":"2.0","result":null,"id":${item.id ?? 'null'}}`;
        }),
    },
  });
  const other = new RawPeer(path);
  await new Promise<void>((resolve) => other.socket.once('connect', resolve));
  const peer = new RawPeer(path).send(
    `${JSON.stringify(calls(100).map((item) => ({ jsonrpc: '2.0', method: 'm', ...item })))}\n`,
  );
  await peer.receive(1);
  expect(begun).toHaveLength(101);
  expect(begun.indexOf('"other"')).toBeLessThan(5);
});

test('none waits for the end of another, and the answers keep the order of the items', async () => {
  const opened = Promise.withResolvers<string>();
  const text = await answerInTurns(batch({ id: 1 }, { id: 2 }), here, async (item) => {
    if (item.id === '2') {
      opened.resolve('"first"');
      return '"second"';
    }
    return await opened.promise;
  });
  expect(text).toBe('["first","second"]');
});

test('rule 11: answers too long together are not made: the rest is answered `limit`, and not done', async () => {
  const done: (string | undefined)[] = [];
  const items = batch(...calls(4), {}, { id: 'last' }, { id: 'bad', method: 1 });
  const text = await answerInTurns(
    items,
    here,
    async (item) => {
      done.push(item.id);
      return item.id === undefined ? undefined : `{"id":${item.id},"result":"0123456789"}`;
    },
    50,
  );
  expect(done).toEqual(['0', '1', undefined, '"bad"']);
  const limited = (id: unknown): object => ({
    id,
    error: { code: -32015, data: { code: 'limit', retryable: false, limit: 50, hint: 'ask for less in one batch' } },
  });
  expect(parsed(text)).toMatchObject([{ id: 0 }, { id: 1 }, limited(2), limited(3), limited('last'), { id: 'bad' }]);
});

test('an answer alone may be longer than that', async () => {
  const text = await answerInTurns(batch({ id: 1 }), here, async () => '"0123456789"', 5);
  expect(text).toBe('["0123456789"]');
});

test('a batch of notifications is answered with nothing, a single call with no list', async () => {
  expect(await answerInTurns(batch({}, {}), here, async () => undefined)).toBeUndefined();
  expect(await answerInTurns(readMessage('{"jsonrpc":"2.0","method":"m","id":1}'), here, async () => '1')).toBe('1');
});

test('nothing more of a batch is begun for a connection that is closed, so that no subscription outlives it', async () => {
  const gone = new AbortController();
  const begun: (string | undefined)[] = [];
  await answerInTurns(batch({ id: 1 }, { id: 2 }, { id: 3 }, {}), gone.signal, async ({ id }) => {
    begun.push(id);
    if (id === '2') gone.abort();
    return '{}';
  });
  expect(begun).toEqual(['1', '2']);
});
