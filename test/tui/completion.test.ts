import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { spawn } from '@lydell/node-pty';
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';

import { orderStatuses } from '../../shared/order-statuses.ts';
import { eventually, runClient } from './client-process.ts';
import { completions } from './completions.ts';
import { folder } from './room.ts';

vi.setConfig({ testTimeout: 30_000 });

let script = '';
beforeAll(async () => {
  script = (await runClient(['completion', 'bash'])).stdout;
});

/** What bash itself offers at the end of a line; it cuts words at `=` and `:` by itself. */
const complete = (line: string, cwd = folder()): readonly string[] => {
  const words = line.split(/ +|(=)/).filter((word) => word !== undefined);
  const ask = [script, 'COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _shopsync; printf "%s\\n" "${COMPREPLY[@]}"'].join(
    '\n',
  );
  const { stdout, stderr, status } = spawnSync('bash', ['--norc', '-c', ask, 'bash', ...words], {
    cwd,
    encoding: 'utf8',
  });
  expect([status, stderr]).toEqual([0, '']);
  return stdout.split('\n').filter(Boolean);
};

describe('completion bash', () => {
  it('is loaded without a word, and registers itself', () => {
    const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', `${script}\ncomplete -p shopsync`], {
      encoding: 'utf8',
    });
    expect([stdout, stderr]).toEqual(['complete -F _shopsync shopsync\n', '']);
  });

  it.each(completions)('%s', (line, offered) => {
    expect(complete(line)).toEqual(offered);
  });

  it('knows every command', async () => {
    const { stdout } = await runClient(['--help']);
    const listed = [...stdout.matchAll(/^ {2}([a-z][a-z-]*) /gm)].map(([, name]) => name);
    expect(listed.length).toBeGreaterThan(15);
    expect(complete('shopsync ')).toEqual(listed);
  });

  it('offers files, also with blanks in their names', () => {
    const place = folder();
    writeFileSync(join(place, 'old copy.db'), '');
    expect(complete('shopsync backup old', place)).toEqual(['old copy.db']);
  });
});

it.each(['zsh', 'fish'])('completion %s has every command, option, method and status', async (shell) => {
  const { status, stdout } = await runClient(['completion', shell]);
  expect(status).toBe(0);
  for (const word of ['full-resync', 'created-from', 'orders.why', ...orderStatuses]) expect(stdout).toContain(word);
});

it('bash completes at a prompt, where it cuts the line by itself', async () => {
  const place = folder();
  writeFileSync(join(place, 'rc'), `PS1='$ '\nshopsync() { printf '<%s>' "$@"; echo; }\n${script}`);
  const { PATH: path = '' } = process.env;
  const shell = spawn('bash', ['--rcfile', join(place, 'rc'), '-i'], {
    name: 'xterm',
    cols: 200,
    env: { PATH: path, HOME: place, TERM: 'xterm' },
  });
  onTestFinished(() => shell.kill('SIGKILL'));
  let shown = '';
  shell.onData((data) => (shown += data));
  await eventually(() => shown.includes('$ '), 'a prompt');
  // Tab completes what has one way to go on; each line shows the words that the command would get.
  shell.write('shopsync ord\tli\t--status=UNP\t\r');
  await eventually(() => shown.includes('<orders><list><--status=UNPAID>'), 'the words of a line');
  shell.write('shopsync orders list --status UNPAID,IN_\t --cre\tfr\t1\r');
  await eventually(() => shown.includes('<--status><UNPAID,IN_TRANSIT><--created-from><1>'), 'the words of a line');
  shell.write('shopsync call orders.w\t\r');
  await eventually(() => shown.includes('<call><orders.why>'), 'the words of a line');
});
