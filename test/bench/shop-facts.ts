import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** What the sandbox program prints when it listens. */
export interface ShopFacts {
  readonly url: string;
  readonly appKey: string;
  readonly appSecret: string;
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly shops: readonly [{ readonly id: string }];
  readonly orders: number;
}

/** Starts the sandbox as a process of its own, with its bytes prepared, so that it is never the limit. */
export async function startShop(
  args: readonly string[],
): Promise<{ readonly facts: ShopFacts; readonly child: ChildProcess }> {
  const main = new URL('../sandbox/main.js', import.meta.url).pathname;
  const child = spawn('node', [main, '--with-parent', ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  if (child.stdout === null) throw new Error('no pipe to the sandbox');
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return { facts: JSON.parse(line) as ShopFacts, child };
}
