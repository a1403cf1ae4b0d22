import { expect, test } from 'vitest';

import { exchange, RawPeer, startRig, until } from './harness.ts';

const call = (method: string, id: unknown, params?: unknown): string =>
  JSON.stringify({ jsonrpc: '2.0', method, params, id });

const withId = (id: string): string => `{"jsonrpc":"2.0","method":"echo","params":["x"],"id":${id}}`;

test('lesson 1: a slow answer outlives the half-close of its client, and the end follows it', async () => {
  const { path, openGate, gated } = await startRig();
  const peer = new RawPeer(path);
  peer.socket.end(`${call('gate', 'slow')}${call('echo', 'fast', ['x'])}`);
  await peer.receive(1);
  await until(() => gated() === 1 && peer.socket.writableFinished);
  // Two whole turns with the server after our FIN was sent: it has seen it.
  for (const _ of [1, 2]) await new RawPeer(path).send(call('echo', 1, ['x'])).receive(1);
  expect(peer.messages).toEqual([{ jsonrpc: '2.0', result: 'x', id: 'fast' }]);
  openGate();
  await peer.ended;
  expect(peer.messages).toEqual([
    { jsonrpc: '2.0', result: 'x', id: 'fast' },
    { jsonrpc: '2.0', result: 'open', id: 'slow' },
  ]);
});

test.each(['9007199254740993', '1.0', '1e400', '-0', '1E+2', '"\\u00fc"', 'null', '""'])(
  'the id %s comes back as it was sent',
  async (id) => {
    const { path } = await startRig();
    expect(await exchange(path, `${withId(id)}\n`)).toBe(`{"jsonrpc":"2.0","result":"x","id":${id}}\n`);
    const nested = `[{"params":{"id":2},"id":7},${withId(id)}]\n`;
    expect(await exchange(path, nested)).toContain(`{"jsonrpc":"2.0","result":"x","id":${id}}]\n`);
  },
);

test.each(['{}', '[]', 'true'])('the id %s is refused', async (id) => {
  const { path } = await startRig();
  expect(JSON.parse(await exchange(path, withId(id)))).toMatchObject({ error: { code: -32600 }, id: null });
});

test('byte by byte, pretty-printed and without newline', async () => {
  const { path } = await startRig();
  const peer = new RawPeer(path);
  const request = JSON.stringify(JSON.parse(call('echo', 1, { text: 'ü€😀' })), null, 2);
  for (const byte of Buffer.from(request)) peer.send(Uint8Array.of(byte));
  await peer.receive(1);
  expect(peer.text).toBe('{"jsonrpc":"2.0","result":"\\u00fc\\u20ac\\ud83d\\ude00","id":1}\n\n');
});

test('lesson 3: 500 requests in one piece bring 500 answers', async () => {
  const { path } = await startRig();
  const ids = Array.from({ length: 500 }, (_, index) => index);
  const text = await exchange(path, ids.map((id) => call('bytes', id, [10_000])).join(''));
  const answers = text.split('\n\n').filter((line) => line !== '');
  expect(answers.map((line) => JSON.parse(line).id).toSorted((a, b) => a - b)).toEqual(ids);
});

test('lesson 2: a reply ends as its request did', async () => {
  const { path } = await startRig();
  const lf = new RawPeer(path).send(`${call('echo', 1, ['x'])}\n`);
  await lf.receive(1);
  expect(lf.text).toBe('{"jsonrpc":"2.0","result":"x","id":1}\n');
  lf.send(`${call('echo', 1, ['x'])}\n\n`);
  await lf.receive(2);
  expect(lf.text.endsWith('}\n\n')).toBe(true);
});

test('the newline may come after the request was taken, as long as the reply is not written', async () => {
  const { path, openGate, gated } = await startRig();
  const peer = new RawPeer(path).send(call('gate', 1));
  await until(() => gated() === 1);
  peer.send(`\n${call('echo', 2, ['x'])}\n`);
  await peer.receive(1);
  openGate();
  await peer.receive(2);
  expect(peer.text.endsWith('{"jsonrpc":"2.0","result":"open","id":1}\n')).toBe(true);
  expect(peer.text.endsWith('\n\n')).toBe(false);
});

test.each([
  ['nonsense', 'nonsense', -32700, null],
  ['an open object', '{"jsonrpc":"2.0","method":"echo"', -32700, null],
  ['NUL', '{"a":"\u0000"}', -32700, null],
  ['a batch in a batch', '[[]]', -32600, null],
  ['a bare string', '"text"', -32600, null],
  ['another version', '{"jsonrpc":"1.0","method":"echo","id":1}', -32600, 1],
  ['params that are a number', '{"jsonrpc":"2.0","method":"echo","params":1,"id":1.50}', -32600, 1.5],
  ['a reply', '{"jsonrpc":"2.0","result":1,"id":1}', -32600, 1],
  ['a depth bomb', '['.repeat(5000), -32600, null],
  ['101 requests in a batch', `[${Array.from({ length: 101 }, () => '1').join(',')}]`, -32600, null],
])('lesson 4: after %s the connection still answers', async (_, text, code, id) => {
  const { path } = await startRig();
  const peer = new RawPeer(path).send(`${text}\n`).send(`${call('echo', 2, ['x'])}\n`);
  const messages = await peer.receive(2);
  const [error] = messages.flat();
  expect(error).toMatchObject({ error: { code }, id });
  expect(messages[1]).toEqual({ jsonrpc: '2.0', result: 'x', id: 2 });
});

test('the answers of a batch come in the order of its requests', async () => {
  const { path, openGate, gated } = await startRig();
  const peer = new RawPeer(path).send(`[${call('gate', 1)},${call('broken', undefined)},${call('echo', 2, ['x'])}]\n`);
  await until(() => gated() === 1);
  openGate();
  expect(await peer.receive(1)).toMatchObject([[{ id: 1 }, { id: 2 }]]);
});

test('a batch of one is answered by an array', async () => {
  const { path } = await startRig();
  expect(await exchange(path, `[${call('echo', 1, ['x'])}]\n`)).toBe('[{"jsonrpc":"2.0","result":"x","id":1}]\n');
});

test('a message cut off by the end is told apart from silence', async () => {
  const { path } = await startRig();
  expect(JSON.parse(await exchange(path, '{"jsonrpc":'))).toMatchObject({
    error: { code: -32700, data: { offset: 11 } },
  });
});

test('rule 11: half a message that stands still is given up', async () => {
  const { path } = await startRig({ limits: { partialMs: 1 } });
  const peer = new RawPeer(path).send('{"jsonrpc":');
  await peer.ended;
  expect(peer.messages).toMatchObject([{ error: { code: -32700 }, id: null }]);
});

test('rule 11: ten faults in a row end the connection', async () => {
  const { path } = await startRig();
  const peer = new RawPeer(path)
    .send('x\n'.repeat(9))
    .send(`${call('echo', 1, ['x'])}\n`)
    .send('x\n'.repeat(20));
  await peer.ended;
  expect(peer.messages.length).toBe(9 + 1 + 10);
});

test('rule 11: two megabytes bring an error that can be read, and then a clean end', async () => {
  const { path } = await startRig();
  const peer = new RawPeer(path);
  peer.socket.end(call('echo', 1, ['x'.repeat(2 * 1024 * 1024)]));
  await peer.ended;
  await until(() => peer.socket.closed);
  expect(peer.socket.errored).toBeNull();
  expect(peer.messages).toMatchObject([{ error: { code: -32600, data: { limit: 1024 * 1024 } }, id: null }]);
});

test('rule 11: no more than 32 requests are under way, the others wait their turn', async () => {
  const { path, openGate, gated, called } = await startRig();
  const peer = new RawPeer(path);
  for (let id = 0; id < 40; id++) peer.send(call('gate', id));
  peer.send(call('echo', 'last', ['x']));
  await until(() => gated() === 32);
  const other = new RawPeer(path);
  for (const answers of [1, 2]) await other.send(call('echo', answers, ['x'])).receive(answers);
  expect(gated()).toBe(32);
  expect(called).toEqual(['echo', 'echo']);
  openGate();
  await until(() => gated() === 8);
  openGate();
  await peer.receive(41);
  expect(called).toEqual(['echo', 'echo', 'echo']);
});

test('rule 11: a reader that is slow gets everything, and is not served ahead of its reading', async () => {
  const { path, called } = await startRig();
  const peer = new RawPeer(path);
  peer.socket.pause();
  for (let id = 0; id < 64; id++) peer.send(call('bytes', id, [200_000]));
  peer.socket.end();
  await until(() => peer.socket.writableFinished);
  for (const _ of [1, 2]) await new RawPeer(path).send(call('echo', 1, ['x'])).receive(1);
  expect(called.filter((method) => method === 'bytes').length).toBeLessThan(5);
  peer.socket.resume();
  await peer.ended;
  expect(peer.messages.length).toBe(64);
});

test('one who sends a flood gets one call in each turn, and leaves the rest of it to the others', async () => {
  const { path, called } = await startRig();
  const peer = new RawPeer(path);
  peer.socket.end(call('echo', 1, ['x']).repeat(5000));
  let most = 0;
  let before = 0;
  await until(() => {
    most = Math.max(most, called.length - before);
    before = called.length;
    return called.length === 5000;
  });
  // A client's turn and the server's may lie on either side of the same one.
  expect(most).toBeLessThanOrEqual(2);
  await peer.ended;
});

test('rule 11: the 65th connection is told so and ended', async () => {
  const { path } = await startRig();
  const peers = Array.from({ length: 64 }, () => new RawPeer(path).send(`${call('echo', 1, ['x'])}\n`));
  await Promise.all(peers.map((peer) => peer.receive(1)));
  const late = new RawPeer(path);
  await late.ended;
  expect(late.text.endsWith('}\n\n')).toBe(true);
  expect(late.messages).toMatchObject([{ error: { code: -32011, data: { code: 'busy', retryable: true } }, id: null }]);
  peers[0]?.socket.destroy();
  await until(() => peers[0]?.socket.closed === true);
  let again = new RawPeer(path).send(`${call('echo', 2, ['x'])}\n`);
  while (!(await again.receive(1)).some((message) => JSON.stringify(message).includes('result'))) {
    again = new RawPeer(path).send(`${call('echo', 2, ['x'])}\n`);
  }
});
