import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { groupId } from '../../../daemon/rpc/groups.ts';

test('every group of the machine is found by its name', () => {
  const rows = readFileSync('/etc/group', 'utf8')
    .trim()
    .split('\n')
    .map((row) => row.split(':'));
  expect(rows.length).toBeGreaterThan(0);
  for (const [name = '', , id] of rows.slice(0, 20)) expect(groupId(name), name).toBe(Number(id));
});

test('a number is a group whether it has a name or not', () => {
  expect(groupId('0')).toBe(0);
  expect(groupId('4321')).toBe(4321);
  expect(groupId('4294967295')).toBeUndefined();
  expect(groupId('99999999999')).toBeUndefined();
});

test.each(['no-such-group', 'roo', 'root:x:0', '', '--help', '-1', '1.5', 'x\ny'])('%j is no group', (name) => {
  expect(groupId(name)).toBeUndefined();
});
