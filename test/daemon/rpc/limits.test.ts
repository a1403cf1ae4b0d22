import { expect, test } from 'vitest';

import { exchange, RawPeer, startRig } from './harness.ts';

const call = (method: string, id: unknown, params?: unknown): string =>
  JSON.stringify({ jsonrpc: '2.0', method, params, id });
const withParams = (method: string, params: string): string =>
  `{"jsonrpc":"2.0","method":"${method}","params":${params},"id":1}`;
const echo = `${call('echo', 2, ['x'])}\n`;
const nested = (depth: number): string => withParams('echo', '['.repeat(depth - 1) + ']'.repeat(depth - 1));

const badUtf8 = Buffer.concat([
  Buffer.from('{"jsonrpc":"2.0","method":"echo","params":["'),
  Uint8Array.of(0xc3, 0x28),
  Buffer.from('"],"id":1}'),
]);

test.each<readonly [string, string | Uint8Array, object]>([
  ['64 levels are taken', nested(64), { error: { code: -32602 }, id: 1 }],
  ['65 levels are refused', nested(65), { error: { code: -32600, data: { limit: 64 } }, id: null }],
  ['an empty batch', '[]', { error: { code: -32600 }, id: null }],
  ['an empty batch in a batch', '[[]]', [{ error: { code: -32600 }, id: null }]],
  ['a batch of 100 is taken', `[${Array.from({ length: 100 }, () => '1').join(',')}]`, { length: 100 }],
  [
    'a batch of 101 is refused',
    `[${Array.from({ length: 101 }, () => '1').join(',')}]`,
    { error: { code: -32600, data: { limit: 100 } }, id: null },
  ],
  ['a number of 1024 digits', withParams('subtract', `[${'1'.repeat(1024)},1]`), { error: { code: -32602 }, id: 1 }],
  [
    'a number of 1025 digits',
    withParams('subtract', `[${'1'.repeat(1025)},1]`),
    { error: { code: -32602, data: { limit: 1024 } }, id: null },
  ],
  ['a number beyond the finite', withParams('subtract', '[1e400,1]'), { error: { code: -32602 }, id: 1 }],
  ['bad UTF-8', badUtf8, { error: { code: -32700 }, id: null }],
  ['half a surrogate is taken', withParams('echo', '["\\ud800"]'), { result: '\ud800', id: 1 }],
  ['NUL', '{"a":\u0000}', { error: { code: -32700 }, id: null }],
  ['a control character in a string', '{"a":"\u0001"}', { error: { code: -32700 }, id: null }],
  ['truncated JSON', '{"jsonrpc":"2.0","method":"ec', { error: { code: -32700 }, id: null }],
  ['__proto__ in params', withParams('echo', '{"__proto__":{"text":"x"}}'), { error: { code: -32602 }, id: 1 }],
  [
    '__proto__ beside params',
    withParams('echo', '{"text":"x","__proto__":{"a":1}}'),
    { error: { code: -32602 }, id: 1 },
  ],
  ['constructor in params', withParams('echo', '{"text":"x","constructor":1}'), { error: { code: -32602 }, id: 1 }],
  ['__proto__ as a request', '{"__proto__":{"jsonrpc":"2.0","method":"echo","id":1}}', { error: { code: -32600 } }],
  ['__proto__ as a method', call('__proto__', 1), { error: { code: -32601 }, id: 1 }],
  ['the same key twice', '{"jsonrpc":"2.0","id":1.0,"method":"echo","params":["x"],"id":2.0}', { result: 'x', id: 2 }],
])('lesson 4: %s; within 100 ms of CPU, and the connection goes on', async (_, request, answer) => {
  const { path } = await startRig();
  const peer = new RawPeer(path);
  const began = process.cpuUsage();
  peer.send(request).send('\n');
  await peer.receive(1);
  peer.send(echo);
  const messages = await peer.receive(2);
  const { user, system } = process.cpuUsage(began);
  expect((user + system) / 1000).toBeLessThan(100);
  expect(messages[0]).toMatchObject(answer);
  expect(messages[1]).toEqual({ jsonrpc: '2.0', result: 'x', id: 2 });
});

test('half a surrogate goes out escaped, and the last of two ids as it was written', async () => {
  const { path } = await startRig();
  expect(await exchange(path, `${withParams('echo', '["\\ud800"]')}\n`)).toContain('"result":"\\ud800"');
  const twice = '{"jsonrpc":"2.0","id":1.0,"method":"echo","params":["x"],"id":2.0}\n';
  expect(await exchange(path, twice)).toContain('"id":2.0}');
});

test('lesson 5: 2 MB bring a readable error and then the end, to one who half-closes and to one who does not', async () => {
  const { path } = await startRig();
  const big = call('echo', 1, ['x'.repeat(2 * 1024 * 1024)]);
  for (const isClosing of [true, false]) {
    const peer = new RawPeer(path).send(big);
    if (isClosing) peer.socket.end();
    await peer.ended;
    peer.socket.end();
    await new Promise((resolve) => peer.socket.once('close', resolve));
    expect(peer.socket.errored).toBeNull();
    expect(peer.messages).toMatchObject([{ error: { code: -32600, data: { limit: 1024 * 1024 } }, id: null }]);
  }
});

test.each([{ enable: true }, { enable: false }, [true], undefined])(
  'notifications %j, which pyln-client and lightning-cli ask for first, brings {} and no event',
  async (params) => {
    const { path, bus } = await startRig();
    const peer = new RawPeer(path).send(call('notifications', 'pyln:1', params));
    await peer.receive(1);
    expect(peer.text).toBe('{"jsonrpc":"2.0","result":{},"id":"pyln:1"}\n\n');
    bus.publish({ topic: 'logs', key: '1', data: { line: 1, time: '2026-01-01T00:00:00Z', level: 'info' } });
    peer.send(call('echo', 2, ['x']));
    expect(await peer.receive(2)).toMatchObject([{ id: 'pyln:1' }, { id: 2 }]);
  },
);
