import { spawnSync } from 'node:child_process';
import { openSync } from 'node:fs';
import { createServer, type ListenOptions } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';

import { inheritedSockets } from '../../../daemon/rpc/listen-fds.ts';
import { newFolder } from './harness.ts';

const module = fileURLToPath(new URL('../../../daemon/rpc/listen-fds.ts', import.meta.url));

/** The descriptor of a socket that listens. */
const listening = async (where: ListenOptions): Promise<number> => {
  const server = createServer();
  onTestFinished(() => {
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(where, resolve));
  return z.object({ fd: z.int() }).parse(Reflect.get(server, '_handle')).fd;
};

/** What a process makes of the descriptors 3, 4, … it is started with, and of the variables, with its own pid in place of PID. */
const passed = (fds: readonly number[], env: Readonly<Record<string, string>>): unknown => {
  const program = `
    const { inheritedSockets } = await import(${JSON.stringify(module)});
    const env = JSON.parse(process.argv[1].replace('"PID"', JSON.stringify(String(process.pid))));
    try {
      console.log(JSON.stringify(inheritedSockets(env, process.pid)));
    } catch ({ name, message, hint, class: failure }) {
      console.log(JSON.stringify({ name, message, hint, failure }));
    }`;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program, JSON.stringify(env)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit', ...fds],
  });
  return JSON.parse(stdout);
};

const refused = (message: string) => ({
  name: 'AppError',
  failure: 'configuration',
  message: expect.stringContaining(message),
  hint: expect.stringContaining('FileDescriptorName=control'),
});

test.each([
  ['one, called control', 1, 'control', { control: 3 }],
  ['one, called observe', 1, 'observe', { observe: 3 }],
  ['one, called as systemd does by itself', 1, 'shopsyncd.socket', { control: 3 }],
  ['one without a name', 1, undefined, { control: 3 }],
  ['two', 2, 'observe:control', { observe: 3, control: 4 }],
  ['two without names', 2, undefined, refused('2 sockets were passed, and 0 names')],
  ['two that are called the same', 2, 'control:control', refused('two sockets are called control')],
  ['two, of which one is not ours', 2, 'control:http', refused('"http"')],
  ['more than were passed', 2, 'control:observe:control', refused('2 sockets were passed, and 3 names')],
])('sockets that were passed: %s', async (_, count, names, expected) => {
  const folder = newFolder();
  const fds: number[] = [];
  for (let index = 0; index < count; index++) fds.push(await listening({ path: join(folder, String(index)) }));
  const env = { LISTEN_PID: 'PID', LISTEN_FDS: String(count), ...(names !== undefined && { LISTEN_FDNAMES: names }) };
  expect(passed(fds, env)).toEqual(expected);
});

test('a descriptor that is not there, or is a file, is refused', () => {
  const env = { LISTEN_PID: 'PID', LISTEN_FDS: '2', LISTEN_FDNAMES: 'control:observe' };
  expect(passed([openSync('/dev/null', 'r')], env)).toEqual(refused('descriptor 3 (control) is not a socket'));
  expect(passed([], { ...env, LISTEN_FDS: '1', LISTEN_FDNAMES: 'control' })).toEqual(refused('descriptor 3'));
});

test('what is meant for another process, or means nothing, is no socket', () => {
  expect(inheritedSockets({}, 7)).toEqual({});
  expect(inheritedSockets({ LISTEN_PID: '8', LISTEN_FDS: '1' }, 7)).toEqual({});
  for (const count of ['0', '-1', '', 'x'])
    expect(inheritedSockets({ LISTEN_PID: '7', LISTEN_FDS: count }, 7)).toEqual({});
  expect(inheritedSockets({ LISTEN_FDS: '1' }, 7)).toEqual({});
});
