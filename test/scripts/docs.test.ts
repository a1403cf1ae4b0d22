import { expect, test } from 'vitest';

import { commandTable, configTable, methodTable, withTables } from '../../scripts/docs.ts';

const readme = `# x
<!-- commands:start -->
<!-- commands:end -->
<!-- config:start -->
left from before
<!-- config:end -->
between $& $1
<!-- methods:start -->
<!-- methods:end -->
end
`;

const rowOf = (table: string, name: string): string | undefined =>
  table
    .split('\n')
    .find((line) => line.startsWith(`| \`${name}\``))
    ?.replaceAll(/ +/g, ' ');

test('the configuration table has a row for each key, with its default', () => {
  const table = configTable();
  expect(rowOf(table, 'api.timeout')).toBe('| `api.timeout` | `20s` | One request. |');
  expect(rowOf(table, 'schedule.orders')).toContain('| `*/15 * * * *` |');
  expect(rowOf(table, 'api.app_key')).toContain('| – |');
  expect(rowOf(table, 'rpc.socket')).toContain('| `control.sock` in the runtime folder |');
});

test('the method table has params in their order, and tells which methods change nothing', () => {
  const table = methodTable();
  expect(rowOf(table, 'orders.get')).toMatch(/^\| `orders\.get` \| `id`, `shop\?` \| yes \| One order/);
  expect(rowOf(table, 'fullResync')).toContain('`dryRun?`, `wait?`, `anew?` | | Re-read');
  expect(rowOf(table, 'status')).toContain('| – | yes |');
});

test('the command table has every command with its arguments', () => {
  const table = commandTable();
  expect(rowOf(table, 'shopsync sync [streams…] [options]')).toBe(
    '| `shopsync sync [streams…] [options]` | Fetch what is new |',
  );
  expect(rowOf(table, 'shopsync orders show ID [options]')).toContain('One order');
});

test('all lines of a table are equally long, as the formatter has it', () => {
  for (const table of [commandTable(), configTable(), methodTable()]) {
    const lengths = table
      .trimEnd()
      .split('\n')
      .map((line) => line.length);
    expect(new Set(lengths).size).toBe(1);
  }
});

test('only what stands between the markers is replaced, and doing it twice changes nothing', () => {
  const once = withTables(readme);
  expect(once).toContain(configTable());
  expect(once).toContain(methodTable());
  expect(once).not.toContain('left from before');
  expect(once).toMatch(/<!-- config:start -->\n\n\|/);
  expect(once).toContain('<!-- config:end -->\nbetween $& $1\n<!-- methods:start -->');
  expect(withTables(once)).toBe(once);
});

test('a README without a place for a table is an error that names the place', () => {
  expect(() => withTables(readme.replace('<!-- methods:end -->', ''))).toThrow('<!-- methods:start -->');
});
