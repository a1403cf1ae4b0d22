import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { expect } from 'vitest';

import type { DaemonProcess, Installation } from '../daemon/daemon-process.ts';

/** Loaded before the daemon: every Date of the process is off by what the file says, and again whenever it is told to look. */
const preload = (file: string): string => `
import { readFileSync, writeFileSync } from 'node:fs';
const RealDate = Date;
const read = () => Number(readFileSync(${JSON.stringify(file)}, 'utf8')) * 1000;
let ahead = read();
globalThis.Date = class Date extends RealDate {
  constructor(...parts) {
    if (parts.length === 0) super(RealDate.now() + ahead);
    else super(...parts);
  }
  static now() {
    return RealDate.now() + ahead;
  }
};
process.on('SIGUSR2', () => {
  ahead = read();
  writeFileSync(${JSON.stringify(`${file}.seen`)}, String(ahead / 1000));
});
`;

/** The wall clock of a machine on which a daemon runs: it may be wrong from the start, and be set at any moment. */
export class MachineClock {
  readonly #file: string;
  readonly #preload: string;

  /** @param ahead seconds; negative: behind. */
  constructor(place: Installation, ahead: number) {
    this.#file = join(place.folder, 'clock');
    this.#preload = join(place.folder, 'clock.mjs');
    writeFileSync(this.#file, String(ahead));
    writeFileSync(this.#preload, preload(this.#file));
  }

  /** For the daemon whose clock it is. */
  get env(): Record<string, string> {
    return { NODE_OPTIONS: `--import=${pathToFileURL(this.#preload).href}` };
  }

  /** Sets the clock under a daemon that runs; resolves once the daemon goes by it. */
  async set(daemon: DaemonProcess, ahead: number): Promise<void> {
    const seen = `${this.#file}.seen`;
    rmSync(seen, { force: true });
    writeFileSync(this.#file, String(ahead));
    process.kill(daemon.pid, 'SIGUSR2');
    await expect.poll(() => existsSync(seen) && Number(readFileSync(seen, 'utf8')), { interval: 1 }).toBe(ahead);
  }
}
