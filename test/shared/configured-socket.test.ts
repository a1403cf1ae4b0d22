import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { configuredSocket } from '../../shared/configured-socket.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shopsync-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const named = (text: string): string => {
  const path = join(folder, 'shopsync.toml');
  writeFileSync(path, text);
  return path;
};

test('reads rpc.socket, whichever way TOML writes it', async () => {
  expect(await configuredSocket({}, named('[rpc]\nsocket = "/a.sock"'))).toEqual({ socket: '/a.sock' });
  expect(await configuredSocket({}, named('rpc.socket = "b.sock"'))).toEqual({ socket: join(folder, 'b.sock') });
  expect(await configuredSocket({}, named('rpc = { socket = "/c.sock" }\napi.shops = [7494049642642441621]'))).toEqual({
    socket: '/c.sock',
  });
});

test('says nothing when the file says nothing', async () => {
  expect(await configuredSocket({}, named('[api]\n# socket\n'))).toEqual({});
  expect(await configuredSocket({}, named('rpc.socket = 5'))).toEqual({});
});

test('takes the first file that exists', async () => {
  mkdirSync(join(folder, 'shopsync'));
  writeFileSync(join(folder, 'shopsync', 'shopsync.toml'), 'rpc.socket = "/xdg.sock"');
  expect(await configuredSocket({ XDG_CONFIG_HOME: folder, CONFIGURATION_DIRECTORY: '/nowhere' })).toEqual({
    socket: '/xdg.sock',
  });
});

test('tells of a file that is missing, broken or no file, without showing what stands in it', async () => {
  const missing = join(folder, 'none.toml');
  expect(await configuredSocket({}, missing)).toEqual({ problem: `${missing}: no such file (named by --config)` });

  const broken = await configuredSocket({}, named('[rpc]\nsocket = "/a.sock"\nhunter2 hunter2'));
  expect(broken.problem).toMatch(/shopsync\.toml: line 3: Invalid TOML document: .+/);
  expect(broken.problem).not.toMatch(/hunter2|\n/);

  expect((await configuredSocket({}, folder)).problem).toContain('EISDIR');
});
