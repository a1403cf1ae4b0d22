import { expect, test } from 'vitest';

import { exchange, RawPeer, startRig, until } from './harness.ts';
import { call, raw, statuses } from './http-client.ts';

test('lesson 5: a body of 2 MB is refused readably, however it is announced, and the end is clean', async () => {
  const { path } = await startRig();
  const big = 'x'.repeat(2 * 1024 * 1024);
  const chunked = `POST /rpc HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n${big.length.toString(16)}\r\n${big}\r\n0\r\n\r\n`;
  for (const text of [raw(big), chunked]) {
    const peer = new RawPeer(path).send(text);
    await peer.ended;
    peer.socket.end();
    await until(() => peer.socket.closed);
    expect(peer.socket.errored).toBeNull();
    expect(statuses(peer.text)).toEqual(['413']);
    expect(JSON.parse(peer.text.slice(peer.text.indexOf('\r\n\r\n')))).toMatchObject({
      error: { code: -32600, data: { limit: 1024 * 1024 } },
    });
  }
  const asking = new RawPeer(path).send(raw(big, 'Expect: 100-continue\r\n').slice(0, -big.length));
  await asking.ended;
  expect(statuses(asking.text)).toEqual(['413']);
});

test('rule 11: a head or a body that stands still is given up, one that is answered late is not', async () => {
  const { path, openGate, gated } = await startRig({ limits: { partialMs: 50 } });
  const late = new RawPeer(path).send(raw(call('gate', 1)));
  await until(() => gated() === 1);
  const parts = ['POST /rpc HTTP/1.1\r\nHost', 'POST /rpc HTTP/1.1\r\nContent-Length: 50\r\n\r\n{"jsonrpc"'];
  for (const text of parts) {
    const peer = new RawPeer(path).send(text);
    await peer.ended;
    expect(statuses(peer.text)).toEqual(['408']);
  }
  const again = new RawPeer(path).send(raw(call('echo', 1, ['x'])));
  await until(() => again.text.includes('"id":1'));
  again.send('POST /rp');
  await again.ended;
  expect(statuses(again.text)).toEqual(['200', '408']);
  openGate();
  await until(() => late.text.includes('open'));
});

test('rule 11: no more than 32 calls are under way on one connection', async () => {
  const { path, openGate, gated } = await startRig();
  const peer = new RawPeer(path);
  for (let id = 1; id <= 40; id++) peer.send(raw(call('gate', id)));
  await until(() => gated() === 32);
  for (const _ of [1, 2]) await exchange(path, `${call('echo', 1, ['x'])}\n`);
  expect(gated()).toBe(32);
  openGate();
  await until(() => statuses(peer.text).length === 40 && peer.text.includes('"id":40'));
  expect(peer.text.match(/"code":-32011/g)?.length).toBe(8);
});

test('a stop answers what is under way, refuses what comes, and ends those who wait', async () => {
  const { path, server, openGate, gated } = await startRig();
  const idle = new RawPeer(path).send(raw(call('echo', 1, ['x'])));
  const half = new RawPeer(path).send('POST /rpc HTTP/1.1\r\n');
  const busy = new RawPeer(path).send(raw(call('gate', 1)));
  await until(() => gated() === 1 && idle.text.includes('"id":1'));
  idle.socket.pause();
  const late = new RawPeer(path).send(raw(call('echo', 1, ['x'])));
  await until(() => late.text.includes('"id":1'));
  late.send(raw(call('echo', 2, ['x'])));
  const closed = server.close({ graceMs: 60_000 });
  await Promise.all([half.ended, late.ended]);
  expect(statuses(half.text)).toEqual(['503']);
  expect(statuses(late.text)).toEqual(['200', '503']);
  expect(late.text).toContain('"code":-32010');
  idle.socket.resume();
  await idle.ended;
  openGate();
  await busy.ended;
  expect(busy.text).toContain('"result":"open"');
  for (const peer of [idle, half, late, busy]) peer.socket.end();
  await closed;
});

test('an expectation that nobody can meet is refused in words', async () => {
  const { path, called } = await startRig();
  const text = await exchange(path, raw(call('echo', 1, ['x']), 'Expect: tea\r\n'));
  expect(statuses(text)).toEqual(['417']);
  expect(text).toContain('"code":"expectation_failed"');
  expect(called).toEqual([]);
});

test('calls that come in one piece are begun one a turn', async () => {
  const { path, called } = await startRig();
  const peer = new RawPeer(path);
  peer.socket.end(raw(call('echo', 1, ['x'])).repeat(30));
  let most = 0;
  let before = 0;
  await until(() => {
    most = Math.max(most, called.length - before);
    before = called.length;
    return called.length === 30;
  });
  expect(most).toBeLessThanOrEqual(2);
  await peer.ended;
});
