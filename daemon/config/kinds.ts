import { parseDuration } from '../../shared/duration.ts';

/**
 * A kind of value: what is allowed, as it follows the word "must be", and how it is read. `parse` gets what stood in the
 * file (a TOML value) or in the environment (a string) and answers undefined for what is not allowed.
 */
export interface Kind<T> {
  readonly allowed: string;
  parse(value: unknown): T | undefined;
}

/** The same, and `"off"`, which is null. */
export const orOff = <T>(kind: Kind<T>): Kind<T | null> => ({
  allowed: `${kind.allowed}, or "off"`,
  parse: (value) => (value === 'off' ? null : kind.parse(value)),
});

/** The same, and not set at all, which is null. */
export const orUnset = <T>(kind: Kind<T>): Kind<T | null> => ({
  allowed: kind.allowed,
  parse: (value) => (value === undefined ? null : kind.parse(value)),
});

/** A string that is not empty and fits on a line; an integer is taken as its digits. */
export const text: Kind<string> = {
  allowed: 'a text of one line that is not empty',
  parse: (value) => {
    const string = Number.isSafeInteger(value) || typeof value === 'bigint' ? String(value) : value;
    return typeof string === 'string' && /^\P{Cc}+$/u.test(string) && string.trim() !== '' ? string : undefined;
  },
};

export const number = (least: number, most: number): Kind<number> => ({
  allowed: `a number from ${least} to ${most}`,
  parse: (value) => {
    const result = typeof value === 'string' && /^\d+(\.\d+)?$/.test(value) ? Number(value) : value;
    return typeof result === 'number' && result >= least && result <= most ? result : undefined;
  },
});

export const integer = (least: number, most: number): Kind<number> => ({
  allowed: `an integer from ${least} to ${most}`,
  parse: (value) => {
    const result = number(least, most).parse(value);
    return Number.isInteger(result) ? result : undefined;
  },
});

/** In milliseconds, inside as outside of `least` and `most`, which are given as they are written in the file. */
export const duration = (least: string, most: string): Kind<number> => ({
  allowed: `a duration from ${least} to ${most}: an integer with ms, s, m, h or d, such as "90s"`,
  parse: (value) => {
    const result = typeof value === 'string' ? parseDuration(value) : undefined;
    const [from, to] = [parseDuration(least), parseDuration(most)];
    if (result === undefined || from === undefined || to === undefined) return undefined;
    return result >= from && result <= to ? result : undefined;
  },
});

export const flag: Kind<boolean> = {
  allowed: 'true or false',
  parse: (value) => {
    if (value === true || value === 'true' || value === 'on') return true;
    return value === false || value === 'false' || value === 'off' ? false : undefined;
  },
};

export const oneOf = <const T extends string>(words: readonly T[]): Kind<T> => ({
  allowed: `one of ${words.join(', ')}`,
  parse: (value) => words.find((word) => word === value),
});

/** A TOML array, or a string with commas. Order is kept, blanks around the parts are not. */
export const list: Kind<readonly string[]> = {
  allowed: 'a list such as ["1", "2"], in the environment 1,2',
  parse: (value) => {
    const parts: readonly unknown[] | undefined =
      typeof value === 'string' ? value.split(',').filter((part) => part.trim() !== '') : arrayOf(value);
    const texts = parts?.map((part) => text.parse(part)?.trim());
    return texts?.every((part) => part !== undefined) ? Object.freeze(texts) : undefined;
  },
};

/** The same, of known words, each once. */
export const listOf = <const T extends string>(words: readonly T[]): Kind<readonly T[]> => ({
  allowed: `a list of ${words.join(', ')}`,
  parse: (value) => {
    const parts = list.parse(value)?.map((part) => oneOf(words).parse(part));
    if (parts === undefined || parts.length === 0) return undefined;
    const known = parts.filter((part) => part !== undefined);
    return known.length === parts.length ? Object.freeze(words.filter((word) => known.includes(word))) : undefined;
  },
});

const arrayOf = (value: unknown): readonly unknown[] | undefined => (Array.isArray(value) ? value : undefined);

/** Absolute by now: the loader resolves relative paths, as only it knows where a value came from. */
export const path: Kind<string> = {
  allowed: 'a path',
  parse: (value) => (typeof value === 'string' && value !== '' && !value.includes('\0') ? value : undefined),
};

/** The kernel keeps 108 bytes for the path of a socket, the closing zero included. */
export const socketPath: Kind<string> = {
  allowed: 'a path of at most 107 bytes',
  parse: (value) => {
    const result = path.parse(value);
    return result !== undefined && Buffer.byteLength(result) <= 107 ? result : undefined;
  },
};
