import { expect, test } from 'vitest';

import { clientSockets, configFiles, daemonSocket, observeSocket, runtimeDir, stateDir } from '../../shared/paths.ts';

const home = { HOME: '/home/ops' };

test('the state folder is the chosen one, then systemd’s first, then XDG’s', () => {
  const systemd = { ...home, STATE_DIRECTORY: '/var/lib/shopsync:/var/lib/other', XDG_STATE_HOME: '/x' };
  expect(stateDir({ ...systemd, SHOPSYNC_STATE_DIR: '/mine' })).toBe('/mine');
  expect(stateDir(systemd)).toBe('/var/lib/shopsync');
  expect(stateDir({ ...home, XDG_STATE_HOME: '/x' })).toBe('/x/shopsync');
  expect(stateDir(home)).toBe('/home/ops/.local/state/shopsync');
});

test('what is set to nothing, and an XDG folder that is relative, counts as not set', () => {
  const env = { ...home, SHOPSYNC_STATE_DIR: '', STATE_DIRECTORY: '', XDG_STATE_HOME: 'relative', XDG_RUNTIME_DIR: '' };
  expect(stateDir(env)).toBe('/home/ops/.local/state/shopsync');
  expect(runtimeDir(env)).toBe('/home/ops/.local/state/shopsync/run');
});

test('the runtime folder is systemd’s, then XDG’s, then run/ in the state folder', () => {
  expect(runtimeDir({ ...home, RUNTIME_DIRECTORY: '/run/shopsync:/run/b', XDG_RUNTIME_DIR: '/run/user/7' })).toBe(
    '/run/shopsync',
  );
  expect(runtimeDir({ ...home, XDG_RUNTIME_DIR: '/run/user/7' })).toBe('/run/user/7/shopsync');
  expect(runtimeDir({ ...home, SHOPSYNC_STATE_DIR: '/mine' })).toBe('/mine/run');
});

test('the daemon listens where the environment says, then the config, then in the runtime folder', () => {
  const env = { ...home, XDG_RUNTIME_DIR: '/run/user/7' };
  expect(daemonSocket({ ...env, SHOPSYNC_RPC_SOCKET: '/a.sock' }, '/b.sock')).toBe('/a.sock');
  expect(daemonSocket(env, '/b.sock')).toBe('/b.sock');
  expect(daemonSocket(env)).toBe('/run/user/7/shopsync/control.sock');
  expect(observeSocket('/run/user/7/shopsync/control.sock')).toBe('/run/user/7/shopsync/observe.sock');
});

test('a client looks in the documented order, at no place twice', () => {
  const env = { ...home, SHOPSYNC_RPC_SOCKET: '/env.sock', XDG_RUNTIME_DIR: '/run/user/7', SHOPSYNC_STATE_DIR: '/s' };
  expect(clientSockets(env, { named: '/flag.sock', configured: '/config.sock' }).map((place) => place.path)).toEqual([
    '/flag.sock',
    '/env.sock',
    '/config.sock',
    '/run/user/7/shopsync/control.sock',
    '/s/run/control.sock',
    '/run/shopsync/control.sock',
  ]);
  expect(clientSockets({ SHOPSYNC_STATE_DIR: '/s' }, { configured: '/s/run/control.sock' })).toEqual([
    { path: '/s/run/control.sock', from: 'rpc.socket of the config file' },
    { path: '/run/shopsync/control.sock', from: 'the system service' },
  ]);
});

test('a config file that a person named is looked for alone', () => {
  const env = { ...home, SHOPSYNC_CONFIG: '/env.toml', CONFIGURATION_DIRECTORY: '/etc/a:/etc/b' };
  expect(configFiles(env, '/flag.toml')).toEqual({ named: true, places: [{ path: '/flag.toml', from: '--config' }] });
  expect(configFiles(env)).toEqual({ named: true, places: [{ path: '/env.toml', from: '$SHOPSYNC_CONFIG' }] });
});

test('else the service’s folder, the user’s and the machine’s are looked through', () => {
  const paths = (env: Record<string, string>) => configFiles(env).places.map((place) => place.path);
  expect(paths({ ...home, CONFIGURATION_DIRECTORY: '/etc/a:/etc/b', XDG_CONFIG_HOME: '/x' })).toEqual([
    '/etc/a/shopsync.toml',
    '/x/shopsync/shopsync.toml',
    '/etc/shopsync/shopsync.toml',
  ]);
  expect(paths(home)).toEqual(['/home/ops/.config/shopsync/shopsync.toml', '/etc/shopsync/shopsync.toml']);
});
