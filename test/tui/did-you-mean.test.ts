import { expect, it, vi } from 'vitest';

import { runClient } from './client-process.ts';

vi.setConfig({ testTimeout: 30_000 });

it.each([
  ['stauts', 'did you mean "status"?'],
  ['full-rsync --yes --wait', 'did you mean "full-resync"?'],
  ['fullresync', 'did you mean "full-resync"?'],
  ['orders lst --limit 3', 'did you mean "list"?'],
  ['auth exchnge ROW_theCode', 'did you mean "exchange"?'],
  ['--jsno', 'did you mean "--json"?'],
  ['auth --jsno', 'did you mean "--json"?'],
  ['status --jsno', 'Did you mean --json?'],
  ['history --state runing', 'did you mean "running"?'],
  ['history --kind Full', 'did you mean "full"?'],
  ['logs --level wran', 'did you mean "warn"?'],
  ['orders list --sort creatTime', 'did you mean "createTime"?'],
  ['orders counts --by stauts', 'did you mean "status"?'],
  ['schedule set quiet-hours off', 'did you mean "quiet_hours"?'],
  ['schedule st', 'did you mean "set"?'],
  ['completion bsh', 'did you mean "bash"?'],
  ['call --help stauts', 'did you mean "status"?'],
])('%s: %s, on one line', async (line, meant) => {
  const { status, stdout, stderr } = await runClient(line.split(' '));
  expect([status, stdout]).toEqual([3, '']);
  expect(stderr).toMatch(/^shopsync: [^\n]+\n$/);
  expect(stderr).toContain(meant);
  expect(stderr).not.toContain('theCode');
});

it.each(['xyzzy', 'xyzzy --wait', '--xyzzy', 'orders xyzzy', 'logs --level xyzzy', 'call --help xyzzy'])(
  '%s is near to nothing',
  async (line) => {
    const { status, stderr } = await runClient(line.split(' '));
    expect(status).toBe(3);
    expect(stderr).toContain('xyzzy');
    expect(stderr).not.toMatch(/did you mean/i);
  },
);

it.each(['help', 'orders help', 'auth help'])('%s helps', async (line) => {
  const { status, stdout } = await runClient(line.split(' '));
  expect([status, stdout]).toEqual([0, expect.stringMatching(/^Usage: shopsync/)]);
});

it.each([
  ['--bogus', 'shopsync'],
  ['status --bogus', 'shopsync status'],
  ['status too much', 'shopsync status'],
  ['--socket history --timeout sync orders list --sort price', 'shopsync orders list'],
  ['orders show', 'shopsync orders show'],
  ['orders --bogus', 'shopsync orders'],
  ['auth exchange a b', 'shopsync auth exchange'],
  ['logs --level', 'shopsync logs'],
])('%s: see %s --help', async (line, command) => {
  const { status, stderr } = await runClient(line.split(' '));
  expect(status).toBe(3);
  expect(stderr).toMatch(new RegExp(`; see ${command} --help\n$`));
});
