import { onTestFinished } from 'vitest';

import type { SandboxOptions } from './options.ts';
import { startSandbox, type Sandbox } from './sandbox.ts';

/** A sandbox that lives as long as the test that starts it. */
export async function living(options: Partial<SandboxOptions>): Promise<Sandbox> {
  const sandbox = await startSandbox(options);
  onTestFinished(() => sandbox.close());
  return sandbox;
}
