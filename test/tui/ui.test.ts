import { describe, expect, it } from 'vitest';

import { keymap } from '../../tui/keys.ts';
import { type DaemonState, nothingYet } from '../../tui/state.ts';
import { type Effect, type UiState, arm, press, quiet, withEstimate, withoutEstimate } from '../../tui/ui.ts';
import { progress, status, stream } from './samples.ts';

const up: DaemonState = {
  ...nothingYet(1000),
  link: { kind: 'up', path: '/s', readOnly: false },
  heardMs: 1000,
  status: status({ streams: [stream({ run: progress() })] }),
};
const away: DaemonState = { ...up, link: { kind: 'down', why: 'gone', retryAtMs: 2000 } };

/** Presses keys one after the other, drawing nothing in between. */
const typed = (keys: readonly string[], daemon = up, from = quiet): { ui: UiState; effects: readonly Effect[] } => {
  let ui = from;
  const effects: Effect[] = [];
  for (const key of keys) {
    const pressed = press(ui, key, daemon);
    ui = pressed.ui;
    if (pressed.effect) effects.push(pressed.effect);
  }
  return { ui, effects };
};
const every = [...keymap.flatMap(({ keys }) => keys), 'return', 'y', 'n', 'x'];
const changes = (effects: readonly Effect[]): readonly Effect[] =>
  effects.filter(({ type }) => type === 'fullResync' || type === 'cancel');

describe('press', () => {
  it('never does what needs a question from any one, two or three keys typed ahead', () => {
    for (const a of every) {
      for (const b of every) {
        for (const c of every) expect(changes(typed([a, b, c]).effects), `${a} ${b} ${c}`).toEqual([]);
      }
    }
  });

  it('cancels the run under way after a question that was drawn, and y', () => {
    const asked = arm(typed(['c']).ui);
    expect(typed(['return'], up, asked).effects).toEqual([]);
    expect(typed(['y'], up, asked).effects).toEqual([{ type: 'cancel', runIds: ['run-1'] }]);
  });

  it('asks for the cost before a full resync', () => {
    const { ui, effects } = typed(['F']);
    expect(effects).toEqual([{ type: 'estimate' }]);
    const asked = arm(withEstimate(ui, ['2,000 requests']));
    expect(typed(['return'], up, asked)).toEqual({ ui: quiet, effects: [] });
    expect(typed(['escape'], up, asked)).toEqual({ ui: quiet, effects: [] });
    expect(typed(['y'], up, asked).effects).toEqual([{ type: 'fullResync' }]);
  });

  it('forgets a cost that comes after the question was withdrawn', () => {
    const { ui } = typed(['F', 'escape']);
    expect(withEstimate(ui, ['late'])).toBe(ui);
    expect(withoutEstimate(ui, 'late', 0)).toBe(ui);
  });

  it('sends nothing while the daemon is away, and says so', () => {
    for (const key of ['s', 'F', 'c']) {
      const { ui, effects } = typed([key], away);
      expect(effects).toEqual([]);
      expect(ui.notice?.text).toContain('nothing was sent');
    }
  });

  it('never leaves by escape, from anywhere', () => {
    for (const key of every) {
      const { effects } = typed([key, 'escape', 'escape'], up);
      expect(effects.filter(({ type }) => type === 'quit')).toHaveLength(key === 'q' || key === 'ctrl+c' ? 1 : 0);
    }
  });

  it('says so when there is nothing to cancel', () => {
    const { ui } = typed(['c'], { ...up, status: status() });
    expect([ui.overlay, ui.notice?.text]).toEqual([null, 'Nothing is running.']);
  });
});
