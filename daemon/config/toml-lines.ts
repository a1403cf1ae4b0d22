import { parse } from 'smol-toml';

/** The name of a place in a TOML document: `pathKey(['api', 'base_url'])`. */
export const pathKey = (path: readonly string[]): string => JSON.stringify(path);

/**
 * On which line (from 1) each key of a TOML document stands first, by {@link pathKey}: keys under sections, dotted and
 * quoted keys, keys of inline tables, and the sections themselves. The parser tells lines for syntax errors only; this
 * reads a document that the parser has accepted, and may therefore be short.
 */
export function keyLines(toml: string): ReadonlyMap<string, number> {
  const lines = new Map<string, number>();
  let at = toml.startsWith('\uFEFF') ? 1 : 0;
  let line = 1;

  const take = (pattern: RegExp): string => {
    pattern.lastIndex = at;
    const found = pattern.exec(toml)?.[0] ?? '';
    at += found.length;
    line += found.split('\n').length - 1;
    return found;
  };
  const blank = () => take(/(?:\s|#[^\n]*)*/y);

  const key = (): string[] => {
    const path: string[] = [];
    do {
      take(/[ \t]*/y);
      path.push(segment(take(/"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[\w-]+/y)));
      take(/[ \t]*/y);
    } while (take(/\./y) !== '');
    return path;
  };

  const note = (table: readonly string[], path: readonly string[], on: number): string[] => {
    for (let length = 1; length <= path.length; length += 1) {
      const name = pathKey([...table, ...path.slice(0, length)]);
      if (!lines.has(name)) lines.set(name, on);
    }
    return [...table, ...path];
  };

  const assignment = (table: readonly string[]): void => {
    const on = line;
    const path = note(table, key(), on);
    take(/[ \t]*=/y);
    blank();
    value(path);
  };

  /** `path` is null inside arrays, whose elements have no key of their own. */
  const value = (path: readonly string[] | null): void => {
    if (take(/\[/y) !== '') return members(/\]/y, () => value(null));
    if (take(/\{/y) !== '') return members(/\}/y, () => (path === null ? inArray() : assignment(path)));
    take(/"""(?:[^\\]|\\[^])*?"""(?:"{0,2})|'''[^]*?'''(?:'{0,2})|"(?:[^"\\]|\\.)*"|'[^']*'|[^,\]}#\n]+/y);
  };
  const inArray = (): void => {
    key();
    take(/[ \t]*=/y);
    blank();
    value(null);
  };
  const members = (end: RegExp, member: () => void): void => {
    for (blank(); at < toml.length && take(end) === ''; blank()) {
      const before = at;
      if (take(/,/y) === '') member();
      if (at === before) return;
    }
  };

  let table: readonly string[] = [];
  for (blank(); at < toml.length; blank()) {
    const before = at;
    if (take(/\[\[?/y) === '') assignment(table);
    else {
      const on = line;
      table = note([], key(), on);
      take(/\]\]?/y);
    }
    if (at === before) break;
  }
  return lines;
}

/** The parser itself unescapes a quoted part. */
function segment(source: string): string {
  if (!/^["']/.test(source)) return source;
  const { value } = parse(`value = ${source}`);
  return typeof value === 'string' ? value : source;
}
