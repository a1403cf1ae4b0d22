import { chmodSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import Database from 'better-sqlite3';
import { describe, expect, it, vi } from 'vitest';
import { z } from 'zod';

import { databaseFindings } from '../../tui/doctor/offline.ts';
import { runClient } from './client-process.ts';
import type { FakeDaemon } from './fake-daemon.ts';
import { folder, startDaemon } from './room.ts';
import { failure, status } from './samples.ts';

vi.setConfig({ testTimeout: 30_000 });

const report = z.object({
  ok: z.boolean(),
  checks: z.array(z.object({ name: z.string(), ok: z.boolean(), detail: z.string(), cure: z.string().optional() })),
  config: z.object({
    file: z.string().nullable(),
    values: z.array(z.object({ key: z.string(), value: z.string(), origin: z.string() })),
  }),
});

const nothingFound = { file: null, values: [], secrets: [], missing: [], warnings: [], problems: [], stateDir: '/s' };

/** A machine of its own: a home, a state folder with a database, and all that a daemon needs. */
const machine = () => {
  const home = folder();
  const state = join(home, 'state');
  mkdirSync(state, { mode: 0o700 });
  const database = join(state, 'shopsync.db');
  new Database(database).exec('create table t (a)').close();
  chmodSync(database, 0o600);
  const env: Record<string, string> = {
    PATH: process.env['PATH'] ?? '',
    HOME: home,
    SHOPSYNC_STATE_DIR: state,
    SHOPSYNC_API_APP_KEY: 'key',
    SHOPSYNC_APP_SECRET: 'hush-hush',
    SHOPSYNC_REFRESH_TOKEN: 'ROW_given',
  };
  return { home, state, database, env };
};

const healthy = async (store = '/elsewhere/shopsync.db'): Promise<FakeDaemon> => {
  const daemon = await startDaemon(status({ store: { path: store, bytes: 1, problem: null } }));
  daemon.scripts.set('health', () => ({ ok: true, checks: [{ name: 'store', ok: true, detail: 'fine' }] }));
  return daemon;
};

const examine = async (env: Record<string, string>, ...args: readonly string[]) => {
  const { status: ended, stdout, stderr } = await runClient(['doctor', '--json', ...args], { env });
  const { checks, ...rest } = report.parse(JSON.parse(stdout));
  const failed = checks.filter(({ ok }) => !ok);
  return { ended, stderr, checks, failed, ...rest };
};

describe('doctor', () => {
  it('tells without a daemon that nobody has authorized, until tokens are given or stored', async () => {
    const { env, state } = machine();
    const token = async (more: Record<string, string> = {}) => {
      const without = { ...env, SHOPSYNC_REFRESH_TOKEN: '' };
      const { checks } = await examine({ ...without, ...more }, '--socket', join(state, 'none.sock'));
      return checks.find(({ name }) => name === 'token');
    };
    expect(await token()).toMatchObject({ ok: false, cure: expect.stringMatching(/auth url.*auth exchange/) });
    expect(await token({ SHOPSYNC_REFRESH_TOKEN: 'ROW_given' })).toBeUndefined();
    writeFileSync(join(state, 'tokens.json'), '{}', { mode: 0o600 });
    expect(await token()).toBeUndefined();
  });

  it('finds nothing wrong where nothing is, and ends with 0', async () => {
    const { env, database } = machine();
    const daemon = await healthy(database);
    const { ended, stderr, failed, ok, checks, config } = await examine(env, '--socket', daemon.path);
    expect({ ended, stderr, failed, ok }).toEqual({ ended: 0, stderr: '', failed: [], ok: true });
    for (const name of ['client', 'config', 'state', 'database', 'clock', 'socket', 'daemon', 'protocol', 'shops']) {
      expect(checks.map((check) => check.name)).toContain(name);
    }
    expect(config.values).toContainEqual({ key: 'app_secret', value: '********', origin: 'SHOPSYNC_APP_SECRET' });
    expect(JSON.stringify([checks, config])).not.toContain('hush');
  });

  it('prints a line for each check on stdout, and one on stderr when some fail', async () => {
    const { env } = machine();
    const { status: ended, stdout, stderr } = await runClient(['doctor'], { env });
    expect(ended).toBe(1);
    expect(stderr).toMatch(/^shopsync: 1 of \d+ checks failed: daemon\n$/);
    expect(stdout).toMatch(/^api\.timeout +20s +default$/m);
    expect(stdout).toMatch(/^ok {4}config: no file/m);
    expect(stdout).toMatch(/^FAIL {2}daemon: the socket \S+ is missing .*; start one: shopsyncd$/m);
  });

  it('tells what keeps a daemon from starting, with file and line', async () => {
    const { env, home } = machine();
    const file = join(home, 'my.toml');
    writeFileSync(file, '[sync]\nsettle = "soon"\n');
    const { ended, failed } = await examine(env, '--config', file);
    expect(ended).toBe(1);
    expect(failed).toContainEqual(
      expect.objectContaining({ name: 'config', detail: expect.stringContaining(`${file}:2: sync.settle`) }),
    );
  });

  it('asks for secrets only while no daemon runs: one that runs has them', async () => {
    const { env, database } = machine();
    const { SHOPSYNC_APP_SECRET: _, ...bare } = env;
    const alone = await examine(bare);
    expect(alone.failed.map(({ name }) => name)).toEqual(['secrets', 'daemon']);
    const daemon = await healthy(database);
    expect((await examine(bare, '--socket', daemon.path)).failed).toEqual([]);
  });

  it('does not judge a state folder that the daemon does not use', async () => {
    const { env, database } = machine();
    writeFileSync(database, 'no database');
    const daemon = await healthy();
    const { failed, checks } = await examine(env, '--socket', daemon.path);
    expect(failed).toEqual([]);
    expect(checks).toContainEqual(
      expect.objectContaining({ detail: expect.stringContaining('/elsewhere/shopsync.db') }),
    );
  });

  it.each<readonly [string, (at: ReturnType<typeof machine>) => void, string, RegExp]>([
    [
      'a damaged database',
      ({ database }) => writeFileSync(database, 'x'.repeat(5000), { mode: 0o600 }),
      'database',
      /move the file away/,
    ],
    [
      'files that others can read',
      ({ database }) => chmodSync(database, 0o644),
      'permissions',
      /^chmod 600 \S+shopsync\.db$/,
    ],
    [
      'a state folder that others can write to',
      ({ state }) => chmodSync(state, 0o777),
      'state',
      /^chmod go-w \S+state$/,
    ],
    [
      'a clock before the last write',
      ({ database }) => utimesSync(database, Date.now() / 1000 + 7200, Date.now() / 1000 + 7200),
      'clock',
      /^sudo timedatectl set-ntp true$/,
    ],
  ])('tells of %s, with a cure', async (_what, spoil, name, cure) => {
    const at = machine();
    const daemon = await healthy(at.database);
    spoil(at);
    const { ended, failed } = await examine(at.env, '--socket', daemon.path);
    expect(ended).toBe(1);
    expect(failed).toEqual([expect.objectContaining({ name, cure: expect.stringMatching(cure) })]);
  });

  it('tells what the daemon says of itself', async () => {
    const { env, database } = machine();
    const daemon = await healthy(database);
    daemon.protocol = 99;
    daemon.status = status({
      store: { path: database, bytes: 1, problem: null },
      problem: failure({ message: 'no shops' }),
    });
    daemon.scripts.set('health', () => ({ ok: false, checks: [{ name: 'clock', ok: false, detail: 'an hour off' }] }));
    const { failed } = await examine(env, '--socket', daemon.path);
    expect(failed.map(({ name, detail }) => `${name}: ${detail}`)).toEqual([
      expect.stringMatching(/^protocol: .*this client is older/),
      'shops: no shops',
      'health: clock: an hour off',
    ]);
  });

  it('tells what stands at each place where a daemon is looked for', async () => {
    const { env, home } = machine();
    const daemon = await healthy();
    const { checks } = await examine({ ...env, SHOPSYNC_RPC_SOCKET: daemon.path, XDG_RUNTIME_DIR: join(home, 'run') });
    expect(checks.filter(({ name }) => name === 'socket').map(({ detail }) => detail)).toEqual([
      `${daemon.path} ($SHOPSYNC_RPC_SOCKET): listens`,
      `${join(home, 'run')}/shopsync/control.sock ($XDG_RUNTIME_DIR/shopsync): nothing there`,
      expect.stringContaining('(the state folder): nothing there'),
      expect.stringContaining('/run/shopsync/control.sock'),
    ]);
  });

  it('does not tell who may only watch to open the database for writing', () => {
    const database = {
      path: '/var/lib/shopsync/shopsync.db',
      bytes: null,
      problem: 'EACCES',
      cure: 'make it writable',
    };
    const found = { ...nothingFound, database };
    expect(databaseFindings(found, true)).toEqual([
      {
        name: 'database',
        ok: true,
        detail: `${database.path} is not yours to read (mode 0600); health: store below is the daemon's word`,
      },
    ]);
    expect(databaseFindings(found)).toMatchObject([{ ok: false, cure: 'make it writable' }]);
  });
});
