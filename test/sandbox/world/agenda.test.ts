import { expect, test } from 'vitest';

import { Agenda } from './agenda.ts';

function planned(...times: readonly number[]): { readonly agenda: Agenda; readonly seen: number[] } {
  const agenda = new Agenda();
  const seen: number[] = [];
  for (const time of times) agenda.at(time, (at) => seen.push(at));
  return { agenda, seen };
}

test('lets things happen in order of time, each once, and not before their time', () => {
  const { agenda, seen } = planned(30, 10, 20);
  agenda.advance(19.9);
  expect([seen, agenda.now]).toEqual([[10], 19]);
  agenda.advance(30);
  agenda.advance(30);
  expect(seen).toEqual([10, 20, 30]);
});

test('what is planned on the way happens in its turn; what is planned for the past happens now', () => {
  const { agenda, seen } = planned(20);
  agenda.at(10, (time) => agenda.at(time + 5, (at) => seen.push(at)));
  agenda.advance(100);
  expect(seen).toEqual([15, 20]);
  agenda.at(50, (at) => seen.push(at));
  agenda.advance(100);
  expect(seen).toEqual([15, 20, 100]);
});

test('frozen, nothing happens; thawed, everything happens later by the pause', () => {
  const { agenda, seen } = planned(10, 20);
  agenda.freeze(15);
  agenda.freeze(99);
  agenda.advance(1000);
  expect([seen, agenda.now]).toEqual([[10], 15]);
  agenda.thaw(115);
  agenda.thaw(900);
  agenda.advance(119);
  expect(seen).toEqual([10]);
  agenda.advance(120);
  expect(seen).toEqual([10, 120]);
});
