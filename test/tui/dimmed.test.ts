import { expect, onTestFinished, test, vi } from 'vitest';

import { startDaemon } from './room.ts';
import { progress, status, stream } from './samples.ts';
import { Terminal } from './terminal.ts';

vi.setConfig({ testTimeout: 30_000 });

test('while the daemon is away its data stay, with their age, and all of them dimmed', async () => {
  const daemon = await startDaemon(status({ streams: [stream({ run: progress() })] }));
  const terminal = new Terminal({ args: ['--socket', daemon.path] });
  onTestFinished(() => terminal.kill());
  const shown = ['61,000 of 100,000', '1,250 orders/s', '▶ '];
  await terminal.until(() => shown.every((words) => terminal.text.includes(words) && !terminal.isDim(words)));
  await daemon.kill();
  await terminal.until(() => shown.every((words) => terminal.isDim(words)));
  expect(await terminal.until('◌ reconnecting in')).toMatch(/data from \d+ s ago/);
  expect(terminal.isDim('◌ reconnecting in')).toBe(false);
  await daemon.start();
  await terminal.until(() => shown.every((words) => terminal.text.includes(words) && !terminal.isDim(words)));
});
