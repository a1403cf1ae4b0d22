import { describe, expect, it } from 'vitest';

import { keymap } from '../../tui/keys.ts';
import { type DaemonState, nothingYet } from '../../tui/state.ts';
import { type Effect, type UiState, arm, press, quiet, withEstimate, withoutEstimate } from '../../tui/ui.ts';
import { progress, status, stream } from './samples.ts';
import { manyShops } from './shops.ts';

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
  effects.filter(({ type }) => type === 'fullResync' || type === 'audit' || type === 'cancel');

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

  it('audits what is selected after a question that was drawn, and y', () => {
    const two = { ...up, status: manyShops(2, {}, ['orders', 'returns']) };
    const asked = arm(typed(['right', 'down', 'a'], two).ui);
    expect(asked.overlay).toMatchObject({ title: 'Audit orders of Sandbox Company Europe A?' });
    expect(typed(['return'], two, asked).effects).toEqual([]);
    expect(typed(['y'], two, asked).effects).toEqual([
      { type: 'audit', place: { shop: '7490000000000000000', stream: 'orders' } },
    ]);
    expect(typed(['a'], two).ui.overlay).toMatchObject({
      title: 'Audit all streams of 2 shops?',
      effect: { place: null },
    });
  });

  it('asks nothing where TikTok counts nothing', () => {
    const { ui } = typed(['right', 'down', 'a'], { ...up, status: manyShops(2, {}, ['analytics', 'returns']) });
    expect([ui.overlay, ui.notice?.text]).toEqual([null, 'TikTok does not count analytics: they cannot be audited.']);
  });

  it('tells of an audit under way how far it is before it is cancelled', () => {
    const run = progress({ kind: 'audit', done: 12, expected: 40 });
    const { ui } = typed(['c'], { ...up, status: status({ streams: [stream({ run })] }) });
    expect(ui.overlay).toMatchObject({ lines: expect.arrayContaining(['orders: audit, 12 of 40 steps']) });
  });

  it('asks for the cost before a full resync', () => {
    const { ui, effects } = typed(['F']);
    expect(effects).toEqual([{ type: 'estimate', place: null }]);
    const asked = arm(withEstimate(ui, ['2,000 requests']));
    expect(typed(['return'], up, asked)).toEqual({ ui: quiet, effects: [] });
    expect(typed(['escape'], up, asked)).toEqual({ ui: quiet, effects: [] });
    expect(typed(['y'], up, asked).effects).toEqual([{ type: 'fullResync', place: null }]);
  });

  it('forgets a cost that comes after the question was withdrawn', () => {
    const { ui } = typed(['F', 'escape']);
    expect(withEstimate(ui, ['late'])).toBe(ui);
    expect(withoutEstimate(ui, 'late', 0)).toBe(ui);
  });

  it('sends nothing while the daemon is away, and says so', () => {
    for (const key of ['s', 'F', 'a', 'c']) {
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

  it('acts on what is selected, and on everything after Esc', () => {
    const two = { ...up, status: manyShops(2, {}, ['orders', 'returns']) };
    const shop = '7490000000000000000';
    expect(typed(['s', 'down', 's', 'j', 'j', 's', 'F', 'escape', 'escape', 's'], two).effects).toEqual([
      { type: 'sync', place: null },
      { type: 'sync', place: { shop, stream: null } },
      { type: 'sync', place: { shop, stream: 'returns' } },
      { type: 'estimate', place: { shop, stream: 'returns' } },
      { type: 'sync', place: null },
    ]);
  });

  it('names in the question what would be read again, and reads that alone', () => {
    const two = { ...up, status: manyShops(2, {}, ['orders', 'returns']) };
    const asked = arm(withEstimate(typed(['right', 'right', 'down', 'F'], two).ui, ['a line']));
    expect(asked.overlay).toMatchObject({ title: 'Read orders of Sandbox Company Europe B again?' });
    expect(typed(['y'], two, asked).effects).toEqual([
      { type: 'fullResync', place: { shop: '7490000000000000001', stream: 'orders' } },
    ]);
  });

  it('cancels only what is selected, and lists no more runs than a dialog holds', () => {
    const three = manyShops(3);
    const streams = three.streams.map((one, at) => ({ ...one, run: progress({ runId: `r${at}` }) }));
    const busy = { ...up, status: { ...three, streams } };
    expect(typed(['right', 'right', 'down', 'c'], busy).ui.overlay).toMatchObject({
      title: 'Cancel this run?',
      effect: { runIds: ['r6'] },
    });
    expect(typed(['c'], busy).ui.overlay).toMatchObject({
      title: 'Cancel these 18 runs?',
      lines: expect.arrayContaining(['and 12 more', 'orders of Sandbox Company Europe A: full, 61,000 read']),
      yes: 'cancel 18 runs',
    });
  });

  it('says so when there is nothing to cancel', () => {
    const { ui } = typed(['c'], { ...up, status: status() });
    expect([ui.overlay, ui.notice?.text]).toEqual([null, 'Nothing is running.']);
  });
});
