import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { onTestFinished } from 'vitest';

import { FakeDaemon } from './fake-daemon.ts';
import { status } from './samples.ts';

/** An empty folder that lives as long as the test. */
export const folder = (): string => {
  const path = mkdtempSync(join(tmpdir(), 'shopsync-tui-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
};

/** A fake daemon that lives as long as the test. */
export const startDaemon = async (state = status()): Promise<FakeDaemon> => {
  const daemon = new FakeDaemon(join(folder(), 'control.sock'), state);
  await daemon.start();
  onTestFinished(() => daemon.kill());
  return daemon;
};
