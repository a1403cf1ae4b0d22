import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));
const running: ChildProcess[] = [];

afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
});

function run(...args: string[]): ChildProcess {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: 'pipe' });
  running.push(child);
  return child;
}

async function firstLine({ stdout }: ChildProcess): Promise<unknown> {
  let text = '';
  for await (const chunk of stdout ?? []) {
    text += String(chunk);
    if (text.endsWith('\n')) return JSON.parse(text);
  }
  throw new Error('the program ended without a line');
}

const hello = z.strictObject({
  url: z.url(),
  appKey: z.string(),
  appSecret: z.string(),
  accessToken: z.string(),
  refreshToken: z.string(),
  shops: z.array(z.strictObject({ id: z.string(), name: z.string(), region: z.string() })),
  orders: z.int(),
});

test('says in one line where it listens and with what, and ends with 0 on SIGTERM', async () => {
  const child = run('--orders', '500', '--shops', '2', '--no-lag');
  const { url, shops, orders } = hello.parse(await firstLine(child));
  expect([shops.length, orders]).toEqual([2, 1000]);
  expect((await fetch(`${url}/_admin/requests`)).status).toBe(200);
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
});

test('with --with-parent it ends when its standard input does', async () => {
  const child = run('--orders', '10', '--with-parent');
  await firstLine(child);
  child.stdin?.end();
  expect(await once(child, 'exit')).toEqual([0, null]);
});

test('a wrong option ends it with 64 and the usage', async () => {
  const child = run('--orders', 'many');
  let text = '';
  child.stderr?.on('data', (chunk) => (text += String(chunk)));
  expect(await once(child, 'exit')).toEqual([64, null]);
  expect(text).toMatch(/--orders many is not a number\nusage:/);
});
