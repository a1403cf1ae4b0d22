import { createInterface } from 'node:readline/promises';

import type { Host } from './host.ts';

/** Asks on the terminal, on stderr. Only y and yes agree; Enter, the end of input and everything else decline. */
export const confirm = async (host: Host, question: string, signal: AbortSignal): Promise<boolean> => {
  const reader = createInterface({ input: host.stdin, output: host.stderr });
  const declined = new Promise<string>((resolve) => reader.once('close', () => resolve('')));
  try {
    const answer = await Promise.race([reader.question(`${question} [y/N] `, { signal }), declined]);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    reader.close();
  }
};
