import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

import { expect, test } from 'vitest';

import { entities } from '../../daemon/store/entities.ts';
import { migrations } from '../../daemon/store/migrations/list.ts';

const run = promisify(execFile);
const root = new URL('../..', import.meta.url).pathname;
const folder = join(root, 'daemon/store/migrations');

/** The names of the files beside the sources, with their times of change. */
const listing = (path: string) => readdirSync(path).map((name) => `${name} ${statSync(join(path, name)).mtimeMs}`);

test('the ORM’s own tool finds that the migrations make what the entities say, and leaves no file behind', async () => {
  const home = mkdtempSync(join(tmpdir(), 'home-'));
  try {
    const files = listing(folder);
    const names = readdirSync(root);
    const { stdout } = await run(process.execPath, [join(root, 'node_modules/.bin/mikro-orm'), 'migration:check'], {
      cwd: root,
      env: { HOME: home, PATH: dirname(process.execPath), NO_COLOR: '1' },
    });
    expect(stdout).toContain('No changes required');
    expect(readdirSync(root).filter((name) => !names.includes(name) && name.includes('.db'))).toEqual([]);
    expect(listing(folder)).toEqual(files);
    expect(readdirSync(home)).toEqual([]);
  } finally {
    rmSync(home, { recursive: true });
  }
});

test('every migration in the folder is applied, in the order of its name', () => {
  const files = readdirSync(folder).filter((name) => name.startsWith('Migration'));
  expect(migrations.map(({ name }) => `${name}.ts`)).toEqual(files.toSorted());
});

test('the snapshot that new migrations start from holds every table', () => {
  const snapshot: unknown = JSON.parse(readFileSync(join(folder, '.snapshot.json'), 'utf8'));
  const tables = entities.map((entity) => expect.objectContaining({ name: entity.meta.tableName }));
  expect(snapshot).toMatchObject({ tables: expect.arrayContaining(tables) });
});
