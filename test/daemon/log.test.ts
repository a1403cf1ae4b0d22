import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';

import { expect, test } from 'vitest';

import { Secret } from '../../daemon/config/secret.ts';
import { createLog, type LogLevel } from '../../daemon/log.ts';

function collecting(level: LogLevel) {
  const lines: string[] = [];
  return { lines, root: createLog({ level, destination: { write: (line) => lines.push(line) } }) };
}

const parsed = (line: string | undefined): unknown => JSON.parse(line ?? '');

test('a line has level, time, pid, room and message, and no hostname', () => {
  const { lines, root } = collecting('info');
  root.room('sync').info({ stream: 'orders', pages: 3 }, 'run %s ended', 'r1');
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^[^\n]+\n$/);
  expect(parsed(lines[0])).toEqual({
    level: 'info',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    pid: process.pid,
    room: 'sync',
    stream: 'orders',
    pages: 3,
    msg: 'run r1 ended',
  });
});

test('an error is told with its stack and its cause, on one line', () => {
  const { lines, root } = collecting('info');
  root.room('store').error(new Error('outer\nline', { cause: new Error('inner') }));
  expect(lines).toHaveLength(1);
  expect(parsed(lines[0])).toMatchObject({
    level: 'error',
    msg: 'outer\nline',
    err: { message: 'outer\nline: inner' },
  });
});

test('the level holds for rooms that are there already, and can be raised and lowered', () => {
  const { lines, root } = collecting('warn');
  const room = root.room('rpc');
  const child = room.child({ client: 7 });
  room.info('no');
  root.setLevel('debug');
  room.debug('one');
  child.debug('two');
  child.trace('no');
  root.setLevel('off');
  room.fatal('no');
  expect(root.level).toBe('off');
  expect(lines.map((line) => JSON.parse(line).msg)).toEqual(['one', 'two']);
});

test('planted secrets and buyers’ data do not come out, at any depth and in any disguise', () => {
  const { lines, root } = collecting('trace');
  const room = root.room('tiktok');
  const hidden = 'hunter2';
  const order = {
    id: '5',
    buyer_email: `${hidden}@scs.tiktokw.us`,
    recipient_address: { name: hidden, region_code: 'GB' },
  };

  room.child({ accessToken: hidden }).info('bindings');
  room.info({ accessToken: hidden, headers: { 'x-tts-access-token': hidden, Authorization: `Bearer ${hidden}` } }, 'x');
  room.info({ a: { b: { c: { d: [{ app_secret: hidden, phone_number: hidden, cpf: hidden }] } } } }, 'deep');
  room.warn({ orders: [order], query: { sign: hidden, shop_cipher: hidden } }, 'wire');
  room.warn({ payload: JSON.stringify(order), secret: new Secret(hidden) }, `mail to ${hidden}@example.com`);
  room.error(`GET /x?app_key=k&sign=${hidden}&shop_cipher=${hidden}&access_token=${hidden} failed`);
  room.error(`answer was {"access_token":"${hidden}","buyer_email": "${hidden}"}`);
  room.error(inspect({ accessToken: hidden, deep: { full_address: `${hidden}'s "house"` } }));
  room.error(`body ${JSON.stringify(JSON.stringify({ recipient_address: { name: `O'${hidden}` } }))}`);
  room.error({ text: `x-tts-access-token: ${hidden}, authorization: Bearer ${hidden}` }, 'Bearer %s', hidden);
  room.error(
    Object.assign(new Error(`refresh_token=${hidden}`, { cause: new Error(`auth_code=${hidden}`) }), {
      request: { refreshToken: hidden },
    }),
  );
  const loop: Record<string, unknown> = { refresh_token: hidden };
  loop['self'] = loop;
  room.info({ loop }, 'circular');

  expect(lines).toHaveLength(12);
  for (const line of lines) expect(line).not.toContain(hidden);
  expect(parsed(lines[3])).toMatchObject({ orders: [{ id: '5', buyer_email: '[redacted]' }] });
  expect(lines[5]).toContain('app_key=k&sign=[redacted]&shop_cipher=[redacted]&access_token=[redacted] failed');
});

test('what is no secret is left alone', () => {
  const { lines, root } = collecting('info');
  const fields = {
    tokenExpiresAt: '2026-01-01T00:00:00Z',
    signal: 'SIGTERM',
    code: 105002,
    design: 'x',
    name: 'orders',
  };
  root.room('x').info(fields, 'token refreshed, sign: ok, undici@8.12.4, code=5');
  expect(parsed(lines[0])).toMatchObject({ ...fields, msg: 'token refreshed, sign: ok, undici@8.12.4, code=5' });
});

test('a line has an end: texts, lists and depth are cut', () => {
  const { lines, root } = collecting('info');
  let deep: unknown = 'bottom';
  for (let depth = 0; depth < 50; depth += 1) deep = { deep };
  root
    .room('x')
    .info({ text: 'a'.repeat(1_000_000), list: Array.from({ length: 100_000 }, (_, at) => at), deep }, 'big');
  expect(lines[0]?.length).toBeLessThan(10_000);
  expect(lines[0]).toContain('[cut]');
  expect(lines[0]).toContain('[deeper]');
});

test('without a destination lines go to stdout, and are all there when the process ends', () => {
  const log = fileURLToPath(new URL('../../daemon/log.ts', import.meta.url));
  const program = `const { createLog } = await import(${JSON.stringify(log)});
    const room = createLog({ level: 'info' }).room('main');
    for (let at = 0; at < 1000; at += 1) room.info({ at }, 'x');
    process.exit(0);`;
  const out = execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
  expect(out.trimEnd().split('\n')).toHaveLength(1000);
});
