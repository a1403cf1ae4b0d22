import { createInterface } from 'node:readline/promises';

import { Unsuccessful, exit } from './failure.ts';
import { type Host, isConversation } from './host.ts';

/** A line that is longer is none that a person wrote, characters. */
const longestLine = 64 * 1024;

/** What is typed after a question on stderr; nothing at the end of input. Throws Unsuccessful (130, `interrupted`). */
const typed = async (host: Host, question: string, interrupted: string, signal: AbortSignal): Promise<string> => {
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
    leave(() => gone.reject(new Unsuccessful(interrupted, exit.interrupted)))();
  });
  try {
    return await Promise.race([reader.question(question, { signal }), gone.promise]);
  } finally {
    reader.off('close', onClose);
    reader.close();
  }
};

/**
 * Asks on the terminal, on stderr. Only y and yes agree; Enter, the end of input and everything else decline. Throws
 * Unsuccessful (130) when the user interrupts.
 */
export const confirm = async (host: Host, question: string, signal: AbortSignal): Promise<boolean> =>
  /^y(es)?$/i.test((await typed(host, `${question} [y/N] `, 'interrupted: nothing was started', signal)).trim());

/**
 * One line for something that is not to stand on the command line: asked for at a terminal, else the first of standard
 * input. Empty at its end. Throws Unsuccessful (130) when the user interrupts.
 */
export const askLine = async (host: Host, question: string, signal: AbortSignal): Promise<string> => {
  if (isConversation(host)) return await typed(host, `${question}: `, 'interrupted', signal);
  let text = '';
  for await (const chunk of host.stdin) {
    text += String(chunk);
    if (text.includes('\n') || text.length > longestLine) break;
  }
  return text.split('\n', 1).join('');
};
