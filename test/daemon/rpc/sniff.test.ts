import { expect, test } from 'vitest';

import { skipBlanks, sniff } from '../../../daemon/rpc/sniff.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text);

test.each([
  ['{', 'json'],
  ['[', 'json'],
  ['"', 'json'],
  ['\ufeff{', 'json'],
  ['nonsense', 'json'],
  ['GETS', 'json'],
  ['get /', 'json'],
  ['Content: 5', 'json'],
  ['content-length: 5\r\n', 'lsp'],
  ['CONTENT-TYPE: x\r\n', 'lsp'],
  ['GET / HTTP/1.1\r\n', 'http'],
  ['POST /rpc', 'http'],
  ['PUT /', 'http'],
  ['HEAD /', 'http'],
  ['OPTIONS *', 'http'],
  ['PATCH /', 'http'],
  ['DELETE /', 'http'],
] as const)('%j is %s, and what begins so is never told to be another', (text, speech) => {
  expect(sniff(bytes(text))).toBe(speech);
  const prefixes = Array.from({ length: bytes(text).length }, (_, length) => sniff(bytes(text).subarray(0, length)));
  const known = prefixes.filter((told) => told !== undefined);
  expect(known.every((told) => told === speech)).toBe(true);
});

test('white space and record separators come before anything', () => {
  expect(skipBlanks(bytes(' \t\r\n\u001e{'))).toBe(5);
  expect(skipBlanks(bytes(' \n'))).toBe(2);
  expect(skipBlanks(bytes(''))).toBe(0);
});

test('one byte is enough where no more is needed', () => {
  for (const text of ['{', '[', '"', '1', 'x', '\u0000']) expect(sniff(bytes(text))).toBe('json');
  for (const text of ['', 'C', 'c', 'G', 'P', 'H', 'O', 'D']) expect(sniff(bytes(text))).toBeUndefined();
});
