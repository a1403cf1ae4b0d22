import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';

import { eventually, runClient } from '../tui/client-process.ts';
import type { FakeDaemon } from '../tui/fake-daemon.ts';
import { folder, startDaemon } from '../tui/room.ts';
import { status } from '../tui/samples.ts';
import { Terminal } from '../tui/terminal.ts';

/** What takes seconds of real time because it is about seconds in which nothing comes. */
async function connected(daemon: FakeDaemon): Promise<Terminal> {
  const terminal = new Terminal({ args: ['--socket', daemon.path] });
  onTestFinished(() => terminal.kill());
  await terminal.until('● connected');
  return terminal;
}

test('the screen says that a frozen daemon is silent, and takes it back when it answers again', async () => {
  const daemon = await startDaemon();
  const terminal = await connected(daemon);
  daemon.frozen = true;
  await terminal.until(/◌ connected, no data for [2-5] s/);
  daemon.frozen = false;
  await terminal.until('● connected');
});

test('the screen gets nothing to draw while nothing changes', async () => {
  const daemon = await startDaemon(status({ api: [] }));
  const terminal = await connected(daemon);
  const asked = daemon.called('status').length;
  await eventually(() => daemon.called('status').length > asked, 'a first question after the start');
  const drawn = terminal.raw.length;
  await eventually(() => daemon.called('status').length > asked + 3, 'three more questions');
  expect(terminal.raw.length - drawn).toBeLessThan(200);
});

test('doctor gives up a daemon that accepts and never answers', async () => {
  const daemon = await startDaemon();
  daemon.frozen = true;
  const home = folder();
  const env = { PATH: process.env['PATH'] ?? '', HOME: home, SHOPSYNC_STATE_DIR: home };
  const { stdout } = await runClient(['doctor', '--json', '--socket', daemon.path], { env });
  const { checks } = z
    .object({ checks: z.array(z.object({ name: z.string(), ok: z.boolean(), detail: z.string() })) })
    .parse(JSON.parse(stdout));
  const [found] = checks.filter(({ name, ok }) => name === 'daemon' && !ok);
  expect(found?.detail).toContain('did not answer within 5 s');
});
