import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';

import { expect, onTestFinished, test } from 'vitest';

import { PROTOCOL } from '../../shared/protocol.ts';
import { daemonEntry, DaemonProcess } from '../daemon/daemon-process.ts';
import { startSandbox } from '../sandbox/sandbox.ts';
import { type Ended, entry } from '../tui/client-process.ts';
import { listening, poll } from './world.ts';

/** Names that no machine has by itself; made and removed by the test that needs them. */
const operators = 'shopsync-test-operators';
const outsider = 'shopsync-test-outsider';

const root = userInfo().username;
const dist = dirname(dirname(entry));

const must = (command: string, ...args: readonly string[]): void => {
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
};

/** A user and a group of its own for the length of a test. */
const withOutsider = (): void => {
  must('groupadd', operators);
  onTestFinished(() => must('groupdel', operators));
  must('useradd', '--no-create-home', '--no-user-group', '--gid', 'nogroup', outsider);
  onTestFinished(() => must('userdel', outsider));
};

/**
 * A machine where `shopsync` and `shopsyncd` are installed, and `sudo` asks for no password. The socket lies in a folder
 * that everybody may pass through, the state in one that is its owner's alone.
 */
const machine = async (more: Readonly<Record<string, string>> = {}) => {
  const folder = mkdtempSync(join(tmpdir(), 'shopsync-hints-'));
  chmodSync(folder, 0o755);
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const sandbox = await startSandbox({ orders: 50, frozen: true });
  onTestFinished(() => sandbox.close());
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  const program = (name: string, text: string): void =>
    writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  program('shopsync', `exec '${process.execPath}' '${entry}' "$@"`);
  program('shopsyncd', `exec '${process.execPath}' '${daemonEntry}' "$@"`);
  // The test is root already; what sudo would do beyond that is to become somebody else.
  program('sudo', `[ "$1" = -u ] && { [ "$2" = ${root} ] || exit 1; shift 2; }\nexec "$@"`);
  const state = join(folder, 'state');
  mkdirSync(state, { mode: 0o700 });
  const env: Record<string, string> = {
    PATH: `${bin}:${process.env['PATH'] ?? ''}`,
    HOME: folder,
    SHOPSYNC_STATE_DIR: state,
    XDG_RUNTIME_DIR: folder,
    SHOPSYNC_API_BASE_URL: sandbox.url,
    SHOPSYNC_API_AUTH_URL: sandbox.url,
    SHOPSYNC_API_APP_KEY: sandbox.appKey,
    SHOPSYNC_APP_SECRET: sandbox.appSecret,
    SHOPSYNC_ACCESS_TOKEN: sandbox.accessToken,
    SHOPSYNC_REFRESH_TOKEN: sandbox.refreshToken,
    ...more,
  };
  return { folder, state, env, socket: join(folder, 'shopsync', 'control.sock') };
};

type Machine = Awaited<ReturnType<typeof machine>>;

const startDaemon = async ({ env }: Machine, more: Readonly<Record<string, string>> = {}): Promise<DaemonProcess> => {
  const daemon = new DaemonProcess([], { ...env, ...more });
  onTestFinished(async () => {
    if (daemon.isRunning) await daemon.kill('SIGKILL');
  });
  await listening(daemon);
  return daemon;
};

/** A line of shell, as root or as the outsider with the groups that /etc/group has for that one now. */
const shell = async ({ env }: Machine, line: string, as: 'root' | 'outsider' = 'root'): Promise<Ended> => {
  const become = as === 'root' ? [] : ['--reuid', outsider, '--regid', 'nogroup', '--init-groups'];
  const child = spawn('setpriv', [...become, 'sh', '-c', line], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'close');
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  await ended;
  return { status: child.exitCode, stdout, stderr };
};

/** The command at the end of a hint. */
const cureIn = (stderr: string, pattern: RegExp): string => {
  const [, command] = pattern.exec(stderr) ?? [];
  if (command === undefined) throw new Error(`no such command in: ${stderr}`);
  return command;
};

/** Runs a command that starts a daemon, and waits until `line` succeeds. */
const cureWith = async (place: Machine, command: string, line: string): Promise<void> => {
  // A group of its own, so that the daemon ends with the shell that started it.
  const started: ChildProcess = spawn('sh', ['-c', command], { env: place.env, detached: true, stdio: 'ignore' });
  onTestFinished(() => {
    if (started.pid !== undefined && started.exitCode === null) process.kill(-started.pid, 'SIGKILL');
  });
  await expect.poll(() => shell(place, line), poll).toMatchObject({ status: 0 });
};

const refused = ({ status, stdout, stderr }: Ended, wanted: number): string => {
  expect({ status, stdout, stderr }).toEqual({
    status: wanted,
    stdout: '',
    stderr: expect.stringMatching(/^shopsync: [^\n]+\n$/),
  });
  return stderr;
};

test('no daemon: the command in the hint starts one, at the usual place and at a named one', async () => {
  const place = await machine();
  const usual = refused(await shell(place, 'shopsync status'), 2);
  expect(usual).toContain(`the socket ${place.socket} is missing`);
  await cureWith(place, cureIn(usual, /start one: (.+)$/m), 'shopsync status');

  const other = await machine();
  const line = `shopsync status --socket '${other.folder}/else where.sock'`;
  await cureWith(other, cureIn(refused(await shell(other, line), 2), /start one: (.+)$/m), line);
});

test('lesson 8: a stale socket: the command in the hint starts a daemon there', async () => {
  const place = await machine();
  await (await startDaemon(place)).kill('SIGKILL');
  const said = refused(await shell(place, 'shopsync sync'), 2);
  expect(said).toContain(`the socket ${place.socket} is stale`);
  await cureWith(place, cureIn(said, /start one: (.+)$/m), 'shopsync status');
});

test('lesson 13: a forbidden socket: the hint names path, owner, group and mode, and its command gives the right', async () => {
  withOutsider();
  const place = await machine({ SHOPSYNC_RPC_GROUP: operators, SHOPSYNC_RPC_OBSERVE_GROUP: operators });
  await startDaemon(place);
  const said = refused(await shell(place, 'shopsync status', 'outsider'), 2);
  expect(said).toContain(`${place.socket} (owner ${root}, group ${operators}, mode 0660) is forbidden for ${outsider}`);
  const cure = cureIn(said, /log in again: (.+)$/m);
  expect(cure).toBe(`sudo usermod -aG ${operators} ${outsider}`);
  expect(await shell(place, cure)).toMatchObject({ status: 0 });
  expect(await shell(place, 'shopsync status', 'outsider')).toMatchObject({ status: 0, stderr: '' });
});

test("lesson 13: where the group is root's own, the hint sends to the owner instead of into that group", async () => {
  withOutsider();
  const place = await machine();
  await startDaemon(place);
  const said = refused(await shell(place, 'shopsync orders counts', 'outsider'), 2);
  expect(said).not.toContain('usermod');
  expect(await shell(place, cureIn(said, /do it as \S+: (.+)$/m))).toMatchObject({ status: 0, stderr: '' });
});

test('lesson 13: a forbidden folder is named with its owner and mode, and the command lets the user pass', async () => {
  withOutsider();
  const place = await machine({ SHOPSYNC_RPC_GROUP: operators });
  must('usermod', '-aG', operators, outsider);
  await startDaemon(place);
  chmodSync(dirname(place.socket), 0o700);
  const said = refused(await shell(place, 'shopsync status', 'outsider'), 2);
  expect(said).toContain(`the folder ${dirname(place.socket)} (owner ${root}, group root, mode 0700)`);
  expect(await shell(place, cureIn(said, /pass it: (.+)$/m))).toMatchObject({ status: 0 });
  expect(await shell(place, 'shopsync sync', 'outsider')).toMatchObject({ status: 0, stderr: '' });

  // Further up it is somebody's own place, which is not to be opened.
  chmodSync(place.folder, 0o700);
  const above = refused(await shell(place, `cd /; ${process.execPath} ${entry} status`, 'outsider'), 2);
  expect(above).toContain(`the folder ${place.folder} (`);
  expect(await shell(place, cureIn(above, /do it as \S+: (.+)$/m))).toMatchObject({ status: 0, stderr: '' });
});

test('lesson 12: reading goes through observe.sock where control.sock is forbidden, and nothing else does', async () => {
  withOutsider();
  const place = await machine({ SHOPSYNC_RPC_OBSERVE_GROUP: operators });
  must('usermod', '-aG', operators, outsider);
  await startDaemon(place);
  const observe = join(dirname(place.socket), 'observe.sock');
  const status = await shell(place, 'shopsync status', 'outsider');
  expect(status).toMatchObject({ status: 0, stderr: '', stdout: expect.stringContaining(`${observe} (read only)`) });
  for (const line of ['history', 'logs', 'schedule', 'orders counts']) {
    const { status: ended, stdout } = await shell(place, `shopsync ${line} --json`, 'outsider');
    expect({ line, ended, stdout }).toEqual({ line, ended: 0, stdout: expect.stringMatching(/^\{/) });
  }
  const doctor = await shell(place, 'shopsync doctor', 'outsider');
  expect(doctor.stdout).toContain(
    `${place.socket} ($XDG_RUNTIME_DIR/shopsync): forbidden; observe.sock beside it listens`,
  );
  expect(refused(await shell(place, 'shopsync sync', 'outsider'), 2)).toContain(`${place.socket} (owner`);

  const refusal = refused(await shell(place, `shopsync sync --socket ${observe}`, 'outsider'), 1);
  expect(refusal).toContain('control.sock');
  const raw = refused(await shell(place, `shopsync call pause --socket ${observe}`, 'outsider'), 1);
  expect(raw).toContain('control.sock');
});

/** What is installed here, as if of another time: the same programs with another version and protocol number. */
const installed = ({ folder }: Machine, version: string, protocol: number): string => {
  const place = join(folder, `shopsync-${version}`);
  cpSync(dist, join(place, 'dist'), { recursive: true });
  symlinkSync(join(dirname(dist), 'node_modules'), join(place, 'node_modules'));
  writeFileSync(join(place, 'package.json'), JSON.stringify({ name: 'shopsync', version, type: 'module' }));
  writeFileSync(join(place, 'dist', 'shared', 'protocol.js'), `export const PROTOCOL = ${protocol};\n`);
  return join(place, 'dist', 'daemon', 'main.js');
};

/** A daemon of another installation. */
const startOther = async (place: Machine, program: string): Promise<void> => {
  const started = spawn(process.execPath, [program], { env: place.env, detached: true, stdio: 'ignore' });
  onTestFinished(() => {
    if (started.pid !== undefined && started.exitCode === null && started.signalCode === null) started.kill('SIGKILL');
  });
  await expect.poll(() => shell(place, 'shopsync status'), poll).toMatchObject({ status: 0 });
};

test('lesson 14: a newer daemon: reading goes on, and the client that the hint names does the rest', async () => {
  const place = await machine();
  await startOther(place, installed(place, '9.0.0', PROTOCOL + 1));
  const reading = await shell(place, 'shopsync status --json');
  expect(JSON.parse(reading.stdout)).toMatchObject({ version: '9.0.0' });
  expect(reading.stderr).toContain('this client is older');
  const said = refused(await shell(place, 'shopsync sync --json'), 1);
  expect(said).toContain(`shopsyncd 9.0.0 speaks protocol ${PROTOCOL + 1}`);
  expect(await shell(place, cureIn(said, /own client is: (.+)$/m))).toMatchObject({ status: 0, stderr: '' });
});

test('lesson 14: an older daemon: reading goes on, and the command in the hint puts this one in its place', async () => {
  const place = await machine();
  await startOther(place, installed(place, '0.0.1', PROTOCOL - 1));
  const reading = await shell(place, 'shopsync history');
  expect(reading).toMatchObject({ status: 0, stderr: expect.stringContaining('the daemon is older') });
  const said = refused(await shell(place, 'shopsync sync'), 1);
  await cureWith(place, cureIn(said, /if it was upgraded: (.+)$/m), 'shopsync sync');
  expect((await shell(place, 'shopsync status')).stderr).toBe('');
});

test('a daemon that takes connections and never answers: --timeout ends it, and the command in the hint wakes it', async () => {
  const place = await machine();
  const daemon = await startDaemon(place);
  process.kill(daemon.pid, 'SIGSTOP');
  const said = refused(await shell(place, 'shopsync status --timeout 1s'), 4);
  expect(said).toContain(`the daemon at ${place.socket} takes connections and did not answer within 1s (--timeout)`);
  const cure = cureIn(said, /let it go on: (.+)$/m);
  expect(cure).toBe(`kill -CONT ${daemon.pid}`);
  expect(await shell(place, cure)).toMatchObject({ status: 0 });
  expect(await shell(place, 'shopsync status --timeout 20s')).toMatchObject({ status: 0 });
});
