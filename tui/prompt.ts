import { createInterface } from 'node:readline/promises';

import { Unsuccessful, exit } from './failure.ts';
import type { Host } from './host.ts';

/**
 * Asks on the terminal, on stderr. Only y and yes agree; Enter, the end of input and everything else decline. Throws
 * Unsuccessful (130) when the user interrupts.
 */
export const confirm = async (host: Host, question: string, signal: AbortSignal): Promise<boolean> => {
  const reader = createInterface({ input: host.stdin, output: host.stderr });
  const gone = Promise.withResolvers<string>();
  const leave = (settle: () => void) => (): void => {
    // The question stands alone on its line.
    host.stderr.write('\n');
    settle();
  };
  const onClose = leave(() => gone.resolve(''));
  reader.once('close', onClose);
  reader.once('SIGINT', () => {
    reader.off('close', onClose);
    leave(() => gone.reject(new Unsuccessful('interrupted: nothing was started', exit.interrupted)))();
  });
  try {
    const answer = await Promise.race([reader.question(`${question} [y/N] `, { signal }), gone.promise]);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    reader.off('close', onClose);
    reader.close();
  }
};
