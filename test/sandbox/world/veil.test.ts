import { expect, test } from 'vitest';

import { Random } from './random.ts';
import { Veil } from './veil.ts';

interface Note {
  text: string;
}

const clock = { now: 1000 };
const LATE = { fraction: 1, least: 30, most: 30 };

function write(veil: Veil<Note>, note: Note, text: string, time = clock.now): void {
  veil.change(note, time, () => ({ ...note }));
  note.text = text;
}

test('a change is shown at once, or late: until then what was there before, and nothing for what is new', () => {
  clock.now = 1000;
  const veil = new Veil<Note>(new Random(1), () => clock.now);
  const notes = [{ text: 'a' }, { text: 'b' }];
  const [first = { text: '' }, second = { text: '' }] = notes;
  const shown = () => veil.shown(notes).map(({ text }) => text);
  write(veil, first, 'A');
  expect(shown()).toEqual(['A', 'b']);
  veil.late(LATE);
  write(veil, first, 'AA');
  veil.change(second, clock.now, () => undefined);
  expect(shown()).toEqual(['A']);
  clock.now += 20;
  write(veil, first, 'AAA');
  clock.now += 10;
  expect(shown()).toEqual(['A', 'b']);
  clock.now += 20;
  expect(shown()).toEqual(['AAA', 'b']);
});

test('what changed before, or so long ago that its time is over, is not held back; lifted, nothing is', () => {
  clock.now = 1000;
  const veil = new Veil<Note>(new Random(1), () => clock.now);
  const notes = [{ text: 'a' }];
  const [note = { text: '' }] = notes;
  const shown = () => veil.shown(notes).map(({ text }) => text);
  veil.late(LATE);
  write(veil, note, 'before', 999);
  expect(shown()).toEqual(['before']);
  clock.now = 1100;
  write(veil, note, 'long ago', 1050);
  expect(shown()).toEqual(['long ago']);
  write(veil, note, 'now');
  expect(shown()).toEqual(['long ago']);
  veil.lift();
  expect(shown()).toEqual(['now']);
});

test('a fraction of the changes is late', () => {
  clock.now = 1000;
  const veil = new Veil<Note>(new Random(1), () => clock.now);
  veil.late({ fraction: 0.3, least: 1, most: 9 });
  const notes = Array.from({ length: 1000 }, (): Note => ({ text: 'old' }));
  for (const note of notes) write(veil, note, 'new');
  const late = veil.shown(notes).filter(({ text }) => text === 'old').length;
  expect(late).toBeGreaterThan(220);
  expect(late).toBeLessThan(380);
});
