import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { ConfigError } from '../../../daemon/config/config-error.ts';
import { loadConfig } from '../../../daemon/config/load.ts';
import { variableOf } from '../../../daemon/config/option.ts';
import { rows } from '../../../daemon/config/table.ts';

const env = { HOME: '/nowhere', SHOPSYNC_STATE_DIR: '/state', XDG_RUNTIME_DIR: '/run/user/7' };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shopsync-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const written = (toml: string): string => {
  const path = join(folder, 'shopsync.toml');
  writeFileSync(path, toml);
  return path;
};

function problemsOf(load: () => unknown): readonly string[] {
  try {
    load();
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

test('without a file everything has its documented default', () => {
  const { config, file, origins, warnings } = loadConfig({ env, read: () => null });
  expect(config).toEqual({
    api: {
      baseUrl: 'https://open-api.tiktokglobalshop.com',
      authUrl: 'https://auth.tiktok-shops.com',
      appKey: null,
      shops: [],
      requestsPerSecond: 10,
      requestsPerSecondIsSet: false,
      requestsPerDay: null,
      concurrency: 8,
      timeoutMs: 20_000,
      appSecretFile: null,
      accessTokenFile: null,
      refreshTokenFile: null,
    },
    sync: {
      streams: ['orders', 'products', 'analytics'],
      overlapMs: 300_000,
      settleMs: 60_000,
      since: 1_577_836_800,
      recheckMs: 3_888_000_000,
    },
    schedule: {
      orders: '*/15 * * * *',
      products: '0 * * * *',
      analytics: '30 6 * * *',
      returns: '*/30 * * * *',
      cancellations: '*/30 * * * *',
      statements: '0 8 * * *',
      full: null,
      audit: '15 3 * * *',
      quietHours: { fromMinute: 60, toMinute: 360 },
      adaptive: true,
      timeZone: null,
    },
    http: { listen: null, tokenFile: null },
    store: { path: '/state/shopsync.db', keepPayload: true },
    log: { level: 'info' },
    rpc: { socket: '/run/user/7/shopsync/control.sock', group: null, observeGroup: null },
  });
  expect(file).toBeNull();
  expect(new Set(origins.values())).toEqual(new Set(['default']));
  expect(warnings).toEqual([]);
});

const whole = `api.base_url = "http://127.0.0.1:9/"
api.shops = [7494049642642441621, "b"]
[sync]
overlap = "10m"
since = 2024-02-29
recheck = "off"
[schedule]
orders = "off"
adaptive = false
quiet_hours = "22:00-04:00"
time_zone = "Asia/Ho_Chi_Minh"
[http]
listen = "[::1]:8080"
token_file = "token"
[store]
path = "data/x.db"
[rpc]
socket = "c.sock"
group = 1000
`;

test('takes TOML’s own types, whichever way the sections are written, and tells where each value comes from', () => {
  const path = written(whole);
  const { config, origins, file, values } = loadConfig({ env, configPath: path });
  expect(config.api.baseUrl).toBe('http://127.0.0.1:9');
  expect(config.api.shops).toEqual(['7494049642642441621', 'b']);
  expect(config.sync).toMatchObject({ overlapMs: 600_000, since: 1_709_164_800, recheckMs: null });
  expect(config.schedule).toMatchObject({ orders: null, adaptive: false, timeZone: 'Asia/Ho_Chi_Minh' });
  expect(config.http).toEqual({ listen: { host: '::1', port: 8080 }, tokenFile: join(folder, 'token') });
  expect(config.store.path).toBe('/state/data/x.db');
  expect(config.rpc).toMatchObject({ socket: join(folder, 'c.sock'), group: '1000' });
  expect(file).toBe(path);
  expect(origins.get('api.base_url')).toBe(`${path}:1`);
  expect(origins.get('sync.since')).toBe(`${path}:5`);
  expect(origins.get('sync.settle')).toBe('default');
  expect(values.get('api.shops')).toBe('7494049642642441621,b');
  expect(values.get('sync.since')).toBe('2024-02-29');
  expect(values.get('api.app_key')).toBe('–');
});

test('the environment wins over the file, for every key', () => {
  const path = written('[api]\nrequests_per_second = 20\nconcurrency = 3\n');
  const { config, origins } = loadConfig({
    env: {
      ...env,
      SHOPSYNC_API_REQUESTS_PER_SECOND: '50',
      SHOPSYNC_API_SHOPS: '1, 2',
      SHOPSYNC_API_TIMEOUT: '',
      SHOPSYNC_STORE_KEEP_PAYLOAD: 'false',
      SHOPSYNC_RPC_SOCKET: 'x.sock',
    },
    configPath: path,
    cwd: '/somewhere',
  });
  expect(config.api).toMatchObject({ requestsPerSecond: 50, concurrency: 3, shops: ['1', '2'], timeoutMs: 20_000 });
  expect(config.api.requestsPerSecondIsSet).toBe(true);
  expect(config.store.keepPayload).toBe(false);
  expect(config.rpc.socket).toBe('/somewhere/x.sock');
  expect(origins.get('api.requests_per_second')).toBe('SHOPSYNC_API_REQUESTS_PER_SECOND');
  expect(origins.get('api.concurrency')).toBe(`${path}:3`);
});

test.each(rows.map((row) => row.key))('%s is checked in the file and in the environment', (key) => {
  const [section = '', name = ''] = key.split('.');
  const path = written(`[${section}]\n\n${name} = { no = "value" }\n`);
  expect(problemsOf(() => loadConfig({ env, configPath: path }))).toEqual([
    expect.stringMatching(new RegExp(`^${path}:3: ${key}: must be .+`)),
  ]);

  const variable = variableOf(key);
  expect(variable).toBe(`SHOPSYNC_${section}_${name}`.toUpperCase());
  const takesAnyText = /_file|\.path|\.group|observe_group|app_key|\.shops/.test(key);
  const bad = problemsOf(() =>
    loadConfig({ env: { ...env, [variable]: takesAnyText ? '\0' : '!'.repeat(108) }, read: () => null }),
  );
  expect(bad).toEqual([expect.stringMatching(new RegExp(`^${variable}: ${key}: must be .+`))]);
});

test('names everything that is wrong, line by line, and shows no value', () => {
  const path = written(`[api]
base_url = "hunter2"
bas_url = "hunter2"
app_secret = "hunter2"
[sync]
overlap = "hunter2"
[nosuch]
x = "hunter2"
[schedule.full]
x = 1
`);
  const problems = problemsOf(() =>
    loadConfig({ env: { ...env, SHOPSYNC_LOG_LEVEL: 'hunter2', SHOPSYNC_NOSUCH: 'hunter2' }, configPath: path }),
  );
  expect(
    problems.map((problem) => problem.replace(`${path}:`, '').replace(/(must be|unknown|secrets).*/, '$1')),
  ).toEqual([
    '3: api.bas_url: unknown',
    '4: api.app_secret: secrets',
    '7: nosuch: unknown',
    '2: api.base_url: must be',
    '6: sync.overlap: must be',
    '9: schedule.full: must be',
    'SHOPSYNC_LOG_LEVEL: log.level: must be',
  ]);
  expect(problems[0]).toContain('allowed in [api]: base_url, auth_url, app_key');
  expect(problems[1]).toContain('SHOPSYNC_APP_SECRET');
  expect(problems[2]).toContain('[api], [sync], [schedule], [http], [store], [log], [rpc]');
  for (const problem of problems) expect(problem).not.toMatch(/hunter2|\n/);
});

describe('a file that cannot be used', () => {
  test('is an error with its line when it is not TOML, beside what the environment has wrong', () => {
    const path = written('[api]\ntimeout = "5s"\ntoken hunter2\n');
    const problems = problemsOf(() => loadConfig({ env: { ...env, SHOPSYNC_LOG_LEVEL: 'x' }, configPath: path }));
    expect(problems[0]).toMatch(new RegExp(`^${path}:3: Invalid TOML document: .+`));
    expect(problems[1]).toContain('SHOPSYNC_LOG_LEVEL: log.level');
    expect(problems.join()).not.toContain('hunter2');
  });

  test('is an error when it was named and is missing, and no matter otherwise', () => {
    const missing = join(folder, 'none.toml');
    const named = [`${missing}: no such file (named by --config)`];
    expect(problemsOf(() => loadConfig({ env, configPath: missing }))).toEqual(named);
    expect(problemsOf(() => loadConfig({ env: { ...env, SHOPSYNC_CONFIG: missing } }))).toEqual([
      `${missing}: no such file (named by $SHOPSYNC_CONFIG)`,
    ]);
    expect(loadConfig({ env: { ...env, CONFIGURATION_DIRECTORY: folder } }).file).toBeNull();
    const path = written('');
    expect(loadConfig({ env: { ...env, CONFIGURATION_DIRECTORY: folder } }).file).toBe(path);
  });

  test('is an error when it is a folder, not UTF-8, or too long', () => {
    expect(problemsOf(() => loadConfig({ env, configPath: folder }))).toEqual([`${folder}: is a folder, not a file`]);
    const path = written('');
    writeFileSync(path, Buffer.from([0x61, 0xff]));
    expect(problemsOf(() => loadConfig({ env, configPath: path }))).toEqual([`${path}: is not UTF-8 text`]);
    writeFileSync(path, '#'.repeat(1024 * 1024 + 1));
    expect(problemsOf(() => loadConfig({ env, configPath: path }))).toEqual([expect.stringContaining('longer than')]);
  });
});

test.each([
  ['api = 5', '1: api: must be a section: [api]'],
  ['\n[[api]]\ntimeout = "5s"', '2: api: must be a section: [api]'],
  ['timeout = "5s"', '1: timeout: unknown key; allowed sections: [api]'],
  ['"api.timeout" = "5s"', '1: "api.timeout": unknown key'],
  ['[api]\n"a\\nb" = 1', '2: api."a\\nb": unknown key'],
  ['[api]\n__proto__ = 1\nconstructor = 2', '2: api.__proto__: unknown key'],
])('%j is refused', (toml, message) => {
  const path = written(toml);
  expect(problemsOf(() => loadConfig({ env, configPath: path }))[0]).toContain(`${path}:${message}`);
});

test('warns of variables that are none of ours, and of an API spoken to in the open', () => {
  const { warnings } = loadConfig({
    env: {
      ...env,
      SHOPSYNC_APP_SECRET: 'hunter2',
      SHOPSYNC_API_APP_SECRET: 'hunter2',
      SHOPSYNC_TIMEOUT: '5s',
      SHOPSYNC_API_BASE_URL: 'http://10.0.0.1',
      SHOPSYNC_API_AUTH_URL: 'http://localhost:1',
    },
    read: () => null,
  });
  expect(warnings).toEqual([
    'SHOPSYNC_API_APP_SECRET: unknown variable, ignored (did you mean SHOPSYNC_APP_SECRET?)',
    'SHOPSYNC_TIMEOUT: unknown variable, ignored',
    'SHOPSYNC_API_BASE_URL: api.base_url: http:// sends tokens unencrypted over the network',
  ]);
});

test('warns of keys that nothing acts on yet, where they ask for more than happens anyway', () => {
  const path = written(`[sync]
recheck = "10d"
[schedule]
full = "0 3 * * 0"
[http]
listen = "127.0.0.1:8080"
token_file = "off"
`);
  const { warnings } = loadConfig({ env: { ...env, SHOPSYNC_HTTP_TOKEN_FILE: '/token' }, configPath: path });
  expect(warnings).toEqual([
    `${path}:6: http.listen: not in this version yet: 127.0.0.1:8080 has no effect`,
    'SHOPSYNC_HTTP_TOKEN_FILE: http.token_file: not in this version yet: /token has no effect',
  ]);
});

test('what was loaded cannot be changed', () => {
  const { config } = loadConfig({ env, configPath: written('api.shops = ["1"]\nhttp.listen = "a:1"') });
  const frozen = [config, ...Object.values(config), config.api.shops, config.schedule.quietHours, config.http.listen];
  expect(frozen.map((part) => Object.isFrozen(part))).toEqual(frozen.map(() => true));
});
