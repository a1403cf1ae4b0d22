import { UsageError } from './failure.ts';

/**
 * Reads an option whose words are separated by commas, or which is given again for each. Throws UsageError where there is
 * no word.
 */
export const commaSeparated =
  (name: string) =>
  (text: string, before: readonly string[] = []): readonly string[] => {
    const words = text
      .split(',')
      .map((word) => word.trim())
      .filter(Boolean);
    if (words.length === 0) throw new UsageError(`${name} takes one word or several, separated by commas`);
    return [...before, ...words];
  };
