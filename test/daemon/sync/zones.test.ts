import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { expect, test } from 'vitest';

import { dumpAfterSync } from './zone-dump.ts';

const run = promisify(execFile);
const file = fileURLToPath(new URL('zone-dump.ts', import.meta.url));

/** The same in a process of its own, whose local time is that of a zone. */
async function dumpIn(zone: string): Promise<string> {
  const program = `
    const { ${dumpAfterSync.name} } = await import(process.argv[1]);
    process.stdout.write(new Date(1773554400000).getTimezoneOffset() + '\\n' + await ${dumpAfterSync.name}());`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', program, file], {
    env: { ...process.env, TZ: zone },
    maxBuffer: 16 * 1024 * 1024,
  });
  return stdout;
}

test('T20: the database is the same, byte for byte, whatever the time zone of the process', async () => {
  const [utc = '', newYork = '', kathmandu = ''] = await Promise.all(
    ['UTC', 'America/New_York', 'Asia/Kathmandu'].map(dumpIn),
  );
  const body = (text: string) => text.slice(text.indexOf('\n') + 1);
  expect([utc, newYork, kathmandu].map((text) => Number.parseInt(text))).toEqual([0, 240, -345]);
  expect(body(newYork)).toBe(body(utc));
  expect(body(kathmandu)).toBe(body(utc));
  for (const table of ['orders', 'coverage', 'sync_metadata', 'stream_state', 'sync_runs', 'order_events'])
    expect(body(utc)).toMatch(new RegExp(`^${table} \\{`, 'm'));
  expect(body(utc).match(/^orders \{/gm)).toHaveLength(48);
  expect(body(utc)).toContain('schedule_sale_time');
});
