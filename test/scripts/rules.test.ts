import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { splitArguments } from '../../scripts/arguments.ts';
import { describeRules, rules, rulesIn } from '../../scripts/rules.ts';
import { breakLine, breaks } from '../system/broken-rules.ts';

// By number alone in the titles: a title that named a rule would be listed as a proof of it.
test.each([
  [[3], 'rule 3: an older answer never replaces a newer one'],
  [[11], 'slots › rule 11: the queue has an end'],
  [[8], 'rule 8, T33: who joins gets one more run'],
  [[1, 2], 'T10, rules 1 and 2: SIGKILL at 50 random moments'],
  [[1, 3, 16], 'rules 1, 3 and 16: in a list'],
  [[1, 2, 3, 4, 5, 6, 7, 8], 'rules 1 to 8 hold after every step'],
  [[2, 3, 4, 9, 11, 12], 'rules 2 to 4, 9 and 11 to 12 together'],
  [[1, 7], 'rule 1: the rows, and rule 7: the watermark'],
  [[2], 'rule 2, 100 orders in one second'],
  [[], 'overrule 3, the rules, rule of 3, rules for 2'],
])('the numbers in the name of a test: %j', (expected, name) => {
  expect([...rulesIn(name)]).toEqual(expected);
});

test('each rule is told with its tests; one that no test bears, and one that does not exist, is a failure', () => {
  const file = 'test/a.test.ts';
  const names = rules.map((_, i) => `rule ${i + 1}: works`);
  const whole = describeRules(names.map((name) => ({ file, name })));
  expect(whole).toMatchObject({ passed: 16, failed: 0 });
  expect(whole.lines.slice(0, 3)).toEqual([
    'ok   rule 1, Atomic: 1 test',
    '       test/a.test.ts › rule 1: works',
    'ok   rule 2, Complete: 1 test',
  ]);
  const wanting = describeRules([
    ...[...names.filter((_, i) => i !== 11), 'rule 17: more'].map((name) => ({ file, name })),
    { file: 'test/system/broken-rules.test.ts', name: 'rule 12: Webhooks are nudges — red when broken' },
  ]);
  expect(wanting).toMatchObject({ passed: 15, failed: 2 });
  expect(wanting.lines.filter((line) => line.startsWith('FAIL'))).toEqual([
    'FAIL rule 12, Webhooks are nudges: no test bears it in its name',
    'FAIL there are 16 rules, and these name another:',
  ]);
});

test('options of our own are taken out of a command line, the rest keeps its order', () => {
  const own = { kills: { type: 'string' }, 'list-rules': { type: 'boolean' } } as const;
  expect(
    splitArguments(['test/a', '--kills', '3', '-t', 'rule 3', '--list-rules', '--bail=1', 'b'], own),
  ).toMatchObject({
    values: { kills: '3', 'list-rules': true },
    rest: ['test/a', '-t', 'rule 3', '--bail=1', 'b'],
  });
  expect(splitArguments(['--kills=7', '--kills'], own)).toMatchObject({ values: { kills: true }, rest: [] });
});

test('each line whose break must turn a rule red stands in the code once', () => {
  for (const one of breaks) {
    const source = readFileSync(new URL(`../../${one.file}`, import.meta.url), 'utf8');
    expect(breakLine(source, one)).not.toBe(source);
  }
});
