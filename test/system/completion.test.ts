import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { spawn } from '@lydell/node-pty';
import { describe, expect, onTestFinished, test } from 'vitest';

import { eventually, runClient } from '../tui/client-process.ts';
import { completions } from '../tui/completions.ts';
import { folder } from '../tui/room.ts';
import { shells } from './shells.ts';

const help = async (...command: readonly string[]): Promise<string> => (await runClient([...command, '--help'])).stdout;
const commandsIn = (text: string): readonly string[] =>
  [...text.slice(text.indexOf('\nCommands:')).matchAll(/^ {2}([a-z][a-z-]*) /gm)]
    .map(([, name = '']) => name)
    .filter((name) => name !== 'help');
const optionsIn = (text: string): readonly string[] => [
  ...new Set([...text.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(([, name = '']) => name)),
];
const sorted = (words: Iterable<string>): readonly string[] => [...words].toSorted();

const lines: typeof completions = [...completions, ['shopsync backup old', ['old copy.db']]];

describe.each(shells)('completion %s, by the shell itself', (shell, complete) => {
  test('commands, options, methods, streams, values and files', async () => {
    const { stdout: script, stderr } = await runClient(['completion', shell]);
    expect(stderr).toBe('');
    const place = folder();
    writeFileSync(join(place, 'old copy.db'), '');
    const offered = await complete(
      script,
      lines.map(([line]) => line),
      place,
    );
    // bash cuts --option=value at the sign and offers what stands behind it; backslashes are of the line, not the name.
    const said = lines.map(([line], at) => [
      line,
      sorted((offered[at] ?? []).map((word) => word.replace(/^--[a-z]+=/, '').replaceAll('\\', ''))),
    ]);
    expect(said).toEqual(lines.map(([line, words]) => [line, sorted(words)]));
  });

  test('every command, its own commands and each of its options, as --help has them', async () => {
    const { stdout: script } = await runClient(['completion', shell]);
    const top = commandsIn(await help());
    expect(top.length).toBeGreaterThan(15);
    const nodes: { readonly path: readonly string[]; readonly text: string }[] = [{ path: [], text: await help() }];
    for (const name of top) nodes.push({ path: [name], text: await help(name) });
    for (const { path, text } of nodes.slice(1))
      for (const name of commandsIn(text)) nodes.push({ path: [...path, name], text: await help(...path, name) });
    const everywhere = optionsIn(nodes[0]?.text ?? '').filter((name) => name !== '--version');
    const parents = nodes.filter(({ text }) => text.includes('\nCommands:'));
    const asked = [
      ...parents.map(({ path, text }) => [['shopsync', ...path, ''].join(' '), commandsIn(text)] as const),
      ...nodes.map(
        ({ path, text }) =>
          [['shopsync', ...path, '--'].join(' '), [...new Set([...optionsIn(text), ...everywhere])]] as const,
      ),
    ];
    const offered = await complete(
      script,
      asked.map(([line]) => line),
      folder(),
    );
    expect(parents.length).toBeGreaterThan(2);
    expect(asked.map(([line], at) => [line, sorted(offered[at] ?? [])])).toEqual(
      asked.map(([line, words]) => [line, sorted(words)]),
    );
  });
});

test('zsh completes at a prompt, from a file in its fpath', async () => {
  const home = folder();
  writeFileSync(join(home, '_shopsync'), (await runClient(['completion', 'zsh'])).stdout);
  writeFileSync(
    join(home, '.zshrc'),
    `PS1='$ '\nfpath=($HOME $fpath)\nautoload -Uz compinit; compinit -u\nshopsync() { printf '<%s>' "$@"; echo }\n`,
  );
  const { PATH: path = '' } = process.env;
  const shell = spawn('zsh', ['-i'], {
    name: 'xterm',
    cols: 200,
    env: { PATH: path, HOME: home, ZDOTDIR: home, TERM: 'xterm' },
  });
  onTestFinished(() => shell.kill('SIGKILL'));
  let shown = '';
  shell.onData((data) => (shown += data));
  await eventually(() => shown.includes('$ '), 'a prompt');
  shell.write('shopsync ord\tli\t--status=UNP\t\r');
  await eventually(() => shown.includes('<orders><list><--status=UNPAID>'), 'the words of a line');
  shell.write('shopsync orders list --status UNPAID,IN_\t --cre\tfr\t1\r');
  await eventually(() => shown.includes('<--status><UNPAID,IN_TRANSIT><--created-from><1>'), 'the words of a line');
  shell.write('shopsync call orders.w\t\r');
  await eventually(() => shown.includes('<call><orders.why>'), 'the words of a line');
});
