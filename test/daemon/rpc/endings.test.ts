import { expect, test } from 'vitest';

import { RawPeer, startRig, until } from './harness.ts';
import { call, raw } from './http-client.ts';

const lsp = (body: string): string => `Content-Length: ${body.length}\r\n\r\n${body}`;
/** Each speech, and how an answer of a slow call and of a fast one are told in it. */
const speeches: readonly (readonly [string, string, number])[] = [
  ['JSON', `${call('gate', 1)}\n${call('echo', 2, ['x'])}\n`, 2],
  ['JSON without newline', `${call('gate', 1)}${call('echo', 2, ['x'])}`, 2],
  ['JSON behind a Content-Length', lsp(call('gate', 1)) + lsp(call('echo', 2, ['x'])), 2],
  ['HTTP', raw(call('gate', 1)), 1],
];

test.each(speeches)('lesson 1: in %s the end follows the last answer within 50 ms', async (_, sent, answers) => {
  const { path, openGate, gated } = await startRig();
  const took: number[] = [];
  while (took.length < 5) {
    const peer = new RawPeer(path);
    let lastMs = Number.POSITIVE_INFINITY;
    peer.socket.on('data', () => (lastMs = performance.now()));
    peer.socket.end(sent);
    await until(() => gated() === 1 && peer.socket.writableFinished);
    for (const _turn of [1, 2]) await new RawPeer(path).send(call('echo', 1, ['x'])).receive(1);
    openGate();
    await peer.ended;
    took.push(performance.now() - lastMs);
    expect(peer.text.match(/"result":"(open|x)"/g)).toHaveLength(answers);
  }
  // What else the machine does may hold up one of them, not most.
  expect(took.toSorted((a, b) => a - b)[2]).toBeLessThan(50);
});

test.each([
  ['a line', call('echo', 1, ['x'])],
  ['no JSON', 'nonsense'],
  ['a bare string', '"text"'],
  ['bad UTF-8 in JSON', Buffer.from([0x22, 0xc3, 0x28, 0x22])],
])('lesson 2: %s whose end comes as a write of its own is answered by a line', async (_, sent) => {
  const { path } = await startRig();
  const endings: string[] = [];
  for (let i = 0; i < 50; i++) {
    const peer = new RawPeer(path);
    peer.send(sent);
    // A few turns: an answer that does not wait for the end of its line is on its way by then.
    for (const _ of [1, 2, 3, 4]) await new Promise((resolve) => void setImmediate(resolve));
    peer.send('\n');
    await peer.receive(1);
    endings.push(peer.text.replace(/^.*\}/, ''));
    peer.socket.destroy();
  }
  // A machine that stands still between the two writes is told apart from nothing.
  expect(endings.filter((ending) => ending === '\n').length).toBeGreaterThan(45);
});
