import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { spawn } from '@lydell/node-pty';
import { onTestFinished } from 'vitest';

import { eventually } from '../tui/client-process.ts';
import { folder } from '../tui/room.ts';

/** What a shell offers at the end of each line, in any order. `cwd` is where it stands. */
export type Complete = (
  script: string,
  lines: readonly string[],
  cwd: string,
) => Promise<readonly (readonly string[])[]>;

const { PATH: path = '' } = process.env;
const envIn = (home: string): Record<string, string> => ({
  PATH: path,
  HOME: home,
  ZDOTDIR: home,
  TERM: 'xterm',
  LC_ALL: 'C.UTF-8',
});

const run = (program: string, args: readonly string[], cwd: string): string => {
  const { stdout, stderr, status } = spawnSync(program, args, { cwd, env: envIn(folder()), encoding: 'utf8' });
  if (status !== 0 || stderr !== '') throw new Error(`${program} ended with ${status}: ${stderr}`);
  return stdout;
};

/** By the variables that bash gives to a completion; it cuts words at `=` by itself. */
const bash: Complete = async (script, lines, cwd) =>
  lines.map((line) => {
    const words = line.split(/ +|(=)/).filter((word) => word !== undefined);
    const ask = 'COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _shopsync; printf "%s\\n" "${COMPREPLY[@]}"';
    return run('bash', ['--norc', '-c', `${script}\n${ask}`, 'bash', ...words], cwd)
      .split('\n')
      .filter(Boolean);
  });

/** By the question that fish itself has for that. */
const fish: Complete = async (script, lines, cwd) => {
  const file = join(folder(), 'shopsync.fish');
  writeFileSync(file, script);
  const ask = 'source $argv[1]; for line in $argv[2..-1]; complete -C $line; echo "=" ; end';
  const offered = run('fish', ['--no-config', '-c', ask, file, ...lines], cwd)
    .split('=\n')
    .slice(0, -1);
  return offered.map((each) =>
    each
      .split('\n')
      .filter(Boolean)
      .map((line) => line.split('\t', 1)[0] ?? ''),
  );
};

/** Writes down what would be offered, from within the line editor: nothing else has what completion needs. */
const zshSpy = `
autoload -Uz compinit; compinit -u
zstyle ':completion:*' insert-tab false
compadd() {
  # Asked for its arrays, or for another match to be left out: part of how one is made, and no offer.
  if [[ \${@[1,(i)(-|--)]} == *-(O|A|D)\\ * ]]; then builtin compadd "$@"; return; fi
  local -a __hits
  builtin compadd -A __hits "$@"
  local __hit
  for __hit in $__hits; do print -r -- "$IPREFIX$__hit" >> $HOME/offered; done
  (( $#__hits > 0 ))
}
comppostfuncs=(__told)
# The list of these is emptied each time.
__told() { print -r -- '=' >> $HOME/offered; comppostfuncs=(__told) }
source $HOME/script
print ready > $HOME/offered
`;

/** By pressing Tab at a prompt of zsh. */
const zsh: Complete = async (script, lines, cwd) => {
  const home = folder();
  writeFileSync(join(home, 'script'), script);
  writeFileSync(join(home, '.zshrc'), zshSpy);
  const shell = spawn('zsh', ['-i'], { name: 'xterm', cols: 200, cwd, env: envIn(home) });
  onTestFinished(() => shell.kill('SIGKILL'));
  let shown = '';
  shell.onData((data) => (shown += data));
  const told = (): string => (existsSync(join(home, 'offered')) ? readFileSync(join(home, 'offered'), 'utf8') : '');
  await eventually(() => told().startsWith('ready\n'), `zsh is ready: ${shown}`);
  const offered: (readonly string[])[] = [];
  for (const line of lines) {
    // ^U takes the line before away.
    shell.write(`\u0015${line}\t`);
    await eventually(() => told().split('=\n').length === offered.length + 2, `zsh completes ${line}`);
    const words = told().split('=\n')[offered.length] ?? '';
    offered.push([...new Set(words.split('\n').filter((word) => word !== '' && word !== 'ready'))]);
  }
  return offered;
};

export const shells: readonly (readonly [string, Complete])[] = [
  ['bash', bash],
  ['zsh', zsh],
  ['fish', fish],
];
