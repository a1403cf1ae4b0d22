import { describe, expect, it } from 'vitest';

import { type DaemonState, freshness, nothingYet, reduceDaemon, underWay } from '../../tui/state.ts';
import { progress, run, status, stream } from './samples.ts';

const at = '2026-11-22T09:41:30Z';
const snapshot = (state: DaemonState, data = status()): DaemonState =>
  reduceDaemon(state, { type: 'event', event: { topic: 'snapshot', seq: 1, at, data } });

describe('reduceDaemon', () => {
  it('replaces the stream that an event tells of and leaves the others', () => {
    const before = snapshot(nothingYet(0), status({ streams: [stream(), stream({ stream: 'products' })] }));
    const data = stream({ run: progress() });
    const after = reduceDaemon(before, { type: 'event', event: { topic: 'progress', seq: 2, at, data } });
    expect(after.status?.streams.map(({ run: under }) => under?.done ?? null)).toEqual([61_000, null]);
    expect(underWay(after.status)).toEqual([data]);
    expect(underWay(before.status)).toEqual([]);
  });

  it('keeps runs newest first and each once', () => {
    const event = (data: ReturnType<typeof run>) =>
      ({ type: 'event', event: { topic: 'runs', seq: 1, at, data } }) as const;
    const old = run({ runId: 'old', startedAt: '2026-11-22T08:00:00Z' });
    const open = run({ runId: 'new', startedAt: '2026-11-22T09:00:00Z', state: 'running' });
    const state = [open, old, { ...open, state: 'succeeded' as const }].map(event).reduce(reduceDaemon, nothingYet(0));
    expect(state.runs.map(({ runId, state: how }) => [runId, how])).toEqual([
      ['new', 'succeeded'],
      ['old', 'succeeded'],
    ]);
  });

  it('is the same state when only the seconds of the lag have passed', () => {
    const known = status({ streams: [stream({ lagSeconds: 61 })] });
    const state = snapshot(nothingYet(0), known);
    const lag = (lagSeconds: number) => ({ ...known, streams: known.streams.map((one) => ({ ...one, lagSeconds })) });
    expect(snapshot(state, lag(62))).toBe(state);
    expect(snapshot(state, lag(162))).not.toBe(state);
  });

  it('keeps what it knew while the daemon is away', () => {
    const state = reduceDaemon(snapshot(nothingYet(0)), {
      type: 'link',
      link: { kind: 'down', why: 'x', retryAtMs: 5 },
    });
    expect(state.status).not.toBeNull();
    expect(freshness(state)).toBe('away');
  });
});

describe('freshness', () => {
  const up = { ...nothingYet(10_000), link: { kind: 'up', path: '/s', readOnly: false } } as const;
  it('is live while something was heard lately', () => expect(freshness({ ...up, heardMs: 9000 })).toBe('live'));
  it('is silent after that', () => expect(freshness({ ...up, heardMs: 7000 })).toBe('silent'));
});
