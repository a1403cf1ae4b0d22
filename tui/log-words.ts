import type { LogLine } from '../shared/views.ts';
import type { Meaning, Paint } from './theme.ts';

const meanings: Readonly<Record<LogLine['level'], Meaning>> = {
  trace: 'quiet',
  debug: 'quiet',
  info: 'plain',
  warn: 'waiting',
  error: 'bad',
  fatal: 'bad',
};

/** What has a place of its own, or is the same in every line. */
const left = new Set(['line', 'time', 'level', 'room', 'msg', 'pid']);

const isPlainObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `seen=12`, or of an object each of its fields: `run.seen=12 run.state=failed`. What is null says nothing. */
const fieldWords = (name: string, value: unknown): readonly string[] => {
  if (value === null || value === undefined) return [];
  if (isPlainObject(value)) return Object.entries(value).flatMap(([key, part]) => fieldWords(`${name}.${key}`, part));
  if (typeof value !== 'string') return [`${name}=${JSON.stringify(value)}`];
  return [`${name}=${/[\s"=]/.test(value) || value === '' ? JSON.stringify(value) : value}`];
};

/** One line of the log for people: `2026-11-22T09:41:00.120Z info  sync: run ended  runId=r-1 seen=12`. */
export const logWords = (line: LogLine, paint: Paint): string => {
  const fields = Object.entries(line).flatMap(([name, value]) => (left.has(name) ? [] : fieldWords(name, value)));
  const said = `${line.room === undefined ? '' : `${line.room}: `}${line.msg ?? ''}`;
  const level = paint(meanings[line.level], line.level.padEnd(5));
  return [line.time, level, [said, fields.join(' ')].filter(Boolean).join('  ')].join(' ');
};
