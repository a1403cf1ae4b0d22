import fc from 'fast-check';
import { expect, test } from 'vitest';

import { LspFramer } from '../../../daemon/rpc/lsp.ts';
import { aRun } from './events.ts';
import { exchange, RawPeer, startRig, until } from './harness.ts';

const wrap = (body: string, head = 'Content-Length: '): string => `${head}${Buffer.byteLength(body)}\r\n\r\n${body}`;
const call = (method: string, id: unknown, params?: unknown): string =>
  JSON.stringify({ jsonrpc: '2.0', method, params, id });

/** The bodies of replies, of which nothing may stand outside of its length. */
const unwrap = (text: string): unknown[] => {
  const found: unknown[] = [];
  for (let at = 0; at < text.length;) {
    const head = /^Content-Length: (\d+)\r\n\r\n/.exec(text.slice(at));
    if (head === null) throw new Error(`no header at ${at} of ${text}`);
    const from = at + head[0].length;
    at = from + Number(head[1]);
    found.push(JSON.parse(text.slice(from, at)));
  }
  return found;
};

const frame = (chunks: readonly Uint8Array[]): readonly unknown[] => {
  const framer = new LspFramer();
  const found: unknown[] = [];
  for (const chunk of chunks) {
    framer.push(chunk);
    for (let framed = framer.next(); framed !== undefined; framed = framer.next())
      found.push(framed.kind === 'message' ? JSON.parse(framed.text) : framed.fault);
  }
  const last = framer.finish();
  return last === undefined ? found : [...found, last.kind === 'message' ? last.text : last.fault];
};

const cut = (text: string, cuts: readonly number[]): Uint8Array[] => {
  const bytes = Buffer.from(text);
  const edges = [0, ...cuts.map((at) => at % (bytes.length + 1)), bytes.length].toSorted((a, b) => a - b);
  return edges.slice(1).map((to, index) => bytes.subarray(edges[index], to));
};

test('any messages behind any headers, cut anywhere, come out equal', () => {
  const head = fc.constantFrom(
    'Content-Length: ',
    'content-length:',
    'CONTENT-LENGTH : ',
    'Content-Type: application/vscode-jsonrpc; charset=utf-8\r\nContent-Length: ',
    'X-Trace: 1\nContent-Length:\t',
  );
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.jsonValue({ maxDepth: 3 }), head), { maxLength: 5 }),
      fc.array(fc.nat(), { maxLength: 12 }),
      (items, cuts) => {
        const text = items.map(([value, own]) => wrap(JSON.stringify(value), own)).join('');
        expect(frame(cut(text, cuts))).toEqual(items.map(([value]): unknown => JSON.parse(JSON.stringify(value))));
      },
    ),
    { numRuns: 300 },
  );
});

test('rule 11: arbitrary bytes never throw and always come to an end', () => {
  const head = fc.stringMatching(/^[Content\-Length: 0-9\r\n{}]{0,40}$/).map((text) => Buffer.from(text));
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.uint8Array({ maxLength: 40 }), head), { maxLength: 8 }), (chunks) => {
      const found = frame(chunks);
      expect(found.length).toBeLessThanOrEqual(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
    }),
    { numRuns: 500 },
  );
});

test.each([
  ['no length', 'Content-Type: x\r\n\r\n{}', ['header']],
  ['a length that is no number', 'Content-Length: five\r\n\r\n{}', ['header']],
  ['a negative length', 'Content-Length: -1\r\n\r\n{}', ['header']],
  ['two lengths', 'Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} ', ['header']],
  ['a huge length', 'Content-Length: 1048577\r\n\r\n{}', ['bytes']],
  ['a length beyond all numbers', `Content-Length: ${'9'.repeat(400)}\r\n\r\n{}`, ['header']],
  ['headers without end', `X: ${'y'.repeat(5000)}`, ['header']],
  ['a line that is no header', 'Content-Length: 2\r\nhello\r\n\r\n{}', ['header']],
  ['no JSON', `${wrap('nonsense')}${wrap('[1]')}`, ['syntax', [1]]],
  ['nothing', `${wrap('')}${wrap('[1]')}`, ['eof', [1]]],
  ['two messages in one', `${wrap('{}{}')}${wrap('[1]')}`, ['syntax', [1]]],
  ['a message that its length cuts off', `Content-Length: 3\r\n\r\n[1,${wrap('[1]')}`, ['eof', [1]]],
  ['white space around', `${wrap(' \n[1]\n')}\r\n${wrap('[2]')}`, [[1], [2]]],
  ['half a head', 'Content-Len', ['eof']],
  ['half a body', 'Content-Length: 5\r\n\r\n[1', ['eof']],
])('%s', (_, text, expected) => {
  expect(frame([Buffer.from(text)])).toEqual(expected);
  expect(
    frame(
      cut(
        text,
        Array.from(text, (__, index) => index),
      ),
    ),
  ).toEqual(expected);
});

test('an editor sends head and body apart, and gets the same framing back', async () => {
  const { path } = await startRig();
  const peer = new RawPeer(path);
  const body = call('echo', 1, ['ü€😀']);
  const [head, rest] = [wrap(body).slice(0, -body.length), body];
  for (const byte of Buffer.from(head)) peer.send(Uint8Array.of(byte));
  await new RawPeer(path).send(`${call('echo', 1, ['x'])}\n`).receive(1);
  peer.send(rest);
  await until(() => peer.text.endsWith('}'));
  expect(peer.text).toBe('Content-Length: 60\r\n\r\n{"jsonrpc":"2.0","result":"\\u00fc\\u20ac\\ud83d\\ude00","id":1}');
  peer.send(wrap(`[${call('echo', 2, ['x'])}]`, 'content-length: '));
  await until(() => peer.text.endsWith('"id":2}]'));
  peer.send(wrap(call('echo', undefined, ['x'])));
  peer.socket.end(wrap('nonsense'));
  await peer.ended;
  expect(unwrap(peer.text).slice(1)).toMatchObject([[{ result: 'x', id: 2 }], { error: { code: -32700 }, id: null }]);
});

test.each([
  ['a huge', 'Content-Length: 2097152\r\n\r\n', { code: -32600, data: { limit: 1024 * 1024 } }],
  ['a bad', 'Content-Length: x\r\n\r\n{}', { code: -32600 }],
])('rule 11: %s length is answered, and then comes the end', async (_, text, error) => {
  const { path } = await startRig();
  const peer = new RawPeer(path).send(text);
  await peer.ended;
  expect(unwrap(peer.text)).toMatchObject([{ error, id: null }]);
});

test('events come in the framing of the subscriber', async () => {
  const { path, bus } = await startRig();
  const peer = new RawPeer(path).send(wrap(call('subscribe', 1)));
  await until(() => peer.text.includes('snapshot') && peer.text.endsWith('}'));
  bus.publish({ topic: 'runs', key: 'r1', data: aRun('r1', 'running') });
  await until(() => peer.text.includes('"r1"') && peer.text.endsWith('}'));
  expect(unwrap(peer.text)).toMatchObject([
    { id: 1 },
    { method: 'event', params: { topic: 'snapshot' } },
    { method: 'event', params: { topic: 'runs', data: { runId: 'r1' } } },
  ]);
});

test('rule 11: a body that stands still is given up', async () => {
  const { path } = await startRig({ limits: { partialMs: 1 } });
  expect(unwrap(await exchange(path, wrap(call('echo', 1, ['x']))))).toMatchObject([{ id: 1 }]);
  const peer = new RawPeer(path).send('Content-Length: 50\r\n\r\n{"js');
  await peer.ended;
  expect(unwrap(peer.text)).toMatchObject([{ error: { code: -32700 }, id: null }]);
});
