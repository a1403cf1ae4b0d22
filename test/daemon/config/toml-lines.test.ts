import fc from 'fast-check';
import { parse } from 'smol-toml';
import { expect, test } from 'vitest';

import { keyLines, pathKey } from '../../../daemon/config/toml-lines.ts';

const lineOf = (toml: string, ...path: string[]) => {
  parse(toml);
  return keyLines(toml).get(pathKey(path));
};

test('finds keys under sections, dotted keys and quoted keys', () => {
  const toml = [
    '# first',
    'api.timeout = "5s"',
    '',
    '[sync]',
    ' since = 2020-01-01 # x',
    '"over\\u006cap" = "1m"',
  ].join('\r\n');
  expect(lineOf(toml, 'api', 'timeout')).toBe(2);
  expect(lineOf(toml, 'api')).toBe(2);
  expect(lineOf(toml, 'sync')).toBe(4);
  expect(lineOf(toml, 'sync', 'since')).toBe(5);
  expect(lineOf(toml, 'sync', 'overlap')).toBe(6);
  expect(lineOf('[a]\nx = 1\n[a.b]\ny = 1', 'a')).toBe(1);
  expect(lineOf('"api.timeout" = 1', 'api.timeout')).toBe(1);
  expect(lineOf('\uFEFF[ api . "x" ]\ny = 1', 'api', 'x', 'y')).toBe(2);
});

test('is not misled by values that look like keys, or run over lines', () => {
  const toml = `[a]
text = """
[sync]
since = 1 \\""" "quotes" """""
literal = '''
[b]
c = 2'''
list = [ "x", # ] not the end
  'b = 3',
  [1, 2], { c = "]" },
]
inline = { one = 1, two.three = "}", four = [
  5 ], when = 2020-01-01 10:00:00, last = true }
[b]
c = 1979-05-27 07:32:00
d = "x # y"`;
  expect(lineOf(toml, 'a', 'literal')).toBe(5);
  expect(lineOf(toml, 'a', 'list')).toBe(8);
  expect(lineOf(toml, 'a', 'inline', 'two', 'three')).toBe(12);
  expect(lineOf(toml, 'a', 'inline', 'when')).toBe(13);
  expect(lineOf(toml, 'a', 'inline', 'last')).toBe(13);
  expect(lineOf(toml, 'b')).toBe(14);
  expect(lineOf(toml, 'b', 'c')).toBe(15);
  expect(lineOf(toml, 'b', 'd')).toBe(16);
  expect(keyLines(toml).has(pathKey(['sync']))).toBe(false);
});

test('every key of any document is found on the line where it was written', () => {
  const value = fc.constantFrom(
    '1',
    '"a"',
    '"""\n[x]\ny = 1\n"""',
    "'''\n'''",
    '[\n1,\n"[z]", # ]\n]',
    '{ q = "}" }',
    '""',
  );
  const quote = fc.constantFrom(
    (key: string) => key,
    (key: string) => `"${key}"`,
    (key: string) => ` '${key}' `,
  );
  const entry = fc.tuple(
    fc.constantFrom('plain', 'dotted'),
    quote,
    value,
    fc.constantFrom('', ' # a = 1', '\n\n# [t]'),
  );
  const section = fc.tuple(quote, fc.array(entry, { maxLength: 4 }));

  fc.assert(
    fc.property(fc.array(section, { maxLength: 4 }), (sections) => {
      const written: [string[], number][] = [];
      let toml = '';
      const line = () => toml.split('\n').length;
      for (const [index, [quoted, entries]] of sections.entries()) {
        written.push([[`s${index}`], line()]);
        toml += `[${quoted(`s${index}`)}]\n`;
        for (const [at, [form, quotedKey, text, after]] of entries.entries()) {
          const path = form === 'plain' ? [`k${at}`] : [`d${at}`, 'x-y'];
          written.push([[`s${index}`, ...path], line()]);
          toml += `${path.map(quotedKey).join('.')} = ${text}${after}\n`;
        }
      }
      parse(toml);
      const lines = keyLines(toml);
      for (const [path, on] of written) expect([path, lines.get(pathKey(path))]).toEqual([path, on]);
    }),
  );
});
