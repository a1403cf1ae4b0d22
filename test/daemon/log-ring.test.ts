import { expect, test } from 'vitest';

import { LogRing } from '../../daemon/log-ring.ts';
import { createLog } from '../../daemon/log.ts';
import type { LogLine } from '../../shared/views.ts';

const time = '2026-11-22T10:00:00.000Z';
const aLine = (msg: string, level = 'info') => ({ level, time, room: 'sync', msg });
const silent = { write: () => undefined };

test('the newest lines of a level and above, oldest first, numbered from the start', () => {
  const ring = new LogRing();
  for (const [i, level] of ['info', 'debug', 'warn', 'error', 'info'].entries()) ring.add(aLine(`m${i}`, level));
  expect(ring.newest(3, 'trace').map(({ msg }) => msg)).toEqual(['m2', 'm3', 'm4']);
  expect(ring.newest(10, 'warn')).toEqual([
    { line: 3, ...aLine('m2', 'warn') },
    { line: 4, ...aLine('m3', 'error') },
  ]);
  expect(ring.newest(1, 'warn').map(({ msg }) => msg)).toEqual(['m3']);
  expect(ring.newest(10, 'fatal')).toEqual([]);
});

test('rule 11: 2,000 lines are kept, the oldest goes first, and numbers go on', () => {
  const ring = new LogRing();
  for (let i = 1; i <= 2500; i++) ring.add(aLine(`m${i}`));
  const kept = ring.newest(5000, 'trace');
  expect(kept).toHaveLength(2000);
  expect(kept[0]).toMatchObject({ line: 501, msg: 'm501' });
  expect(kept.at(-1)).toMatchObject({ line: 2500 });
});

test('rule 11: long lines are kept cut, and all of them together take a few MiB', () => {
  const ring = new LogRing();
  ring.add({ ...aLine('x'.repeat(50_000)), stack: 'y'.repeat(50_000) });
  const [cut] = ring.newest(1, 'trace');
  expect(cut).toEqual({ line: 1, ...aLine(`${'x'.repeat(8192)} [cut]`) });
  for (let i = 0; i < 3000; i++) ring.add({ ...aLine('m'), more: 'z'.repeat(10_000) });
  const kept = ring.newest(5000, 'trace');
  expect(JSON.stringify(kept).length).toBeLessThan(4.3 * 1024 * 1024);
  expect(kept.length).toBeGreaterThan(350);
  expect(kept.at(-1)).toMatchObject({ line: 3001 });
});

test('who watches hears each line until they stop, and a watcher that logs does not hear of itself', () => {
  const log = createLog({ level: 'info', destination: silent });
  const room = log.room('sync');
  const heard: LogLine[] = [];
  const stop = log.ring.watch((line) => {
    heard.push(line);
    room.warn('heard one');
  });
  room.info('first');
  room.debug('not logged');
  stop();
  room.info('second');
  expect(heard.map(({ msg }) => msg)).toEqual(['first']);
  expect(log.ring.newest(9, 'trace').map(({ msg }) => msg)).toEqual(['first', 'heard one', 'second']);
});

test('a watcher that throws does not silence the others for ever', () => {
  const ring = new LogRing();
  const stop = ring.watch(() => {
    throw new Error('broken');
  });
  expect(() => ring.add(aLine('one'))).toThrow('broken');
  stop();
  const heard: LogLine[] = [];
  ring.watch((line) => heard.push(line));
  ring.add(aLine('two'));
  expect(heard).toHaveLength(1);
});

test('nothing of buyers and no secret is in it, because it holds what went to stdout', () => {
  const lines: string[] = [];
  const log = createLog({ level: 'info', destination: { write: (line) => lines.push(line) } });
  const secrets = { accessToken: 'TTP_verysecret', recipient_address: { name: 'Ada Lovelace', phone: '+44 20 1234' } };
  log.room('tiktok').info({ order: secrets, payload: { x: 'Ada' } }, 'asked for mail to ada@example.com');
  log.room('tiktok').error(new Error('url?access_token=TTP_verysecret'));
  const kept = JSON.stringify(log.ring.newest(9, 'trace'));
  expect(log.ring.newest(9, 'trace')).toHaveLength(2);
  for (const secret of ['verysecret', 'Lovelace', '1234', 'ada@example', '"Ada"']) expect(kept).not.toContain(secret);
  for (const [i, line] of log.ring.newest(9, 'trace').entries()) {
    const { line: number, ...rest } = line;
    expect(number).toBe(i + 1);
    expect(rest).toEqual(JSON.parse(lines[i] ?? ''));
  }
});
