import fc from 'fast-check';
import { expect, test } from 'vitest';

import { exchange, RawPeer, startRig } from './harness.ts';

const echo = '{"jsonrpc":"2.0","method":"echo","params":["x"],"id":1}';
const answer = '{"jsonrpc":"2.0","result":"x","id":1}';
const refused = (code: number) => ({ error: { code }, id: null });

test.each([
  ['white space and blank lines', ` \t\r\n\n${echo}\n`, `${answer}\n`],
  ['record separators', `\u001e${echo}\n\u001e${echo}\n`, `${answer}\n${answer}\n`],
  ['a byte order mark', `\ufeff${echo}\n`, `${answer}\n`],
  ['nothing but white space', ' \n\n', ''],
  ['nothing', '', ''],
])('before a message: %s', async (_, text, expected) => {
  const { path } = await startRig();
  expect(await exchange(path, text)).toBe(expected);
  const peer = new RawPeer(path);
  for (const byte of Buffer.from(text)) peer.send(Uint8Array.of(byte));
  peer.socket.end();
  await peer.ended;
  expect(peer.text).toBe(expected);
});

test.each(['G', 'POST', 'Content', 'c', 'HEADER'])(
  '%j becomes nothing that we know, and is told so at the end',
  async (text) => {
    const { path } = await startRig();
    expect(JSON.parse(await exchange(path, text))).toMatchObject(refused(-32700));
  },
);

test('what may become HTTP is taken for bad JSON when a line of JSON follows instead', async () => {
  const { path } = await startRig();
  const peer = new RawPeer(path).send('GE');
  peer.send(`\n${echo}\n`);
  expect(await peer.receive(2)).toMatchObject([refused(-32700), { result: 'x', id: 1 }]);
});

test('rule 11: a beginning that stands still is given up', async () => {
  const { path } = await startRig({ limits: { partialMs: 1 } });
  const peer = new RawPeer(path).send('GE');
  expect(await peer.receive(1)).toMatchObject([refused(-32700)]);
});

test('a beginning at the stop is no silence', async () => {
  const { path, server } = await startRig();
  const peer = new RawPeer(path).send('POS');
  await new RawPeer(path).send(`${echo}\n`).receive(1);
  const closed = server.close({ graceMs: 60_000 });
  await peer.ended;
  expect(peer.messages).toMatchObject([refused(-32700)]);
  peer.socket.end();
  await closed;
});

test('nothing is sent to one that is silent', async () => {
  const { path, bus } = await startRig();
  const peer = new RawPeer(path);
  await new RawPeer(path).send(`${echo}\n`).receive(1);
  bus.publish({ topic: 'logs', key: '1', data: { line: 1, time: '2026-01-01T00:00:00Z', level: 'info' } });
  peer.socket.end();
  await peer.ended;
  expect(peer.text).toBe('');
});

test('rule 11: whatever bytes come, however they are cut, the end follows and the next is served', async () => {
  const { path, internalErrors } = await startRig({ maxConnections: 1000, limits: { lingerMs: 50 } });
  const beginning = fc.constantFrom('', 'GET ', 'POST /rpc HTTP/1.1\r\n', 'Content-Length: 5\r\n\r\n', '{', '[1', '\n');
  const soup = fc.tuple(beginning, fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 4 }));
  await fc.assert(
    fc.asyncProperty(soup, async ([start, chunks]) => {
      const peer = new RawPeer(path).send(start);
      for (const chunk of chunks) peer.send(chunk);
      peer.socket.end();
      await peer.ended;
      expect(await exchange(path, `${echo}\n`)).toBe(`${answer}\n`);
    }),
    { numRuns: 200 },
  );
  expect(internalErrors).toEqual([]);
});
