import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { Store } from '../../tui/store.ts';
import { withNotice } from '../../tui/ui.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('publishes at most four times a second, the newest only', () => {
  const store = new Store(Date.now);
  const seen: number[] = [];
  store.subscribe(() => seen.push(store.snapshot().daemon.nowMs));
  for (let at = 0; at < 100; at++) {
    store.tell({ type: 'tick', nowMs: at, heardMs: null });
    vi.advanceTimersByTime(10);
  }
  expect(seen.length).toBeGreaterThanOrEqual(4);
  expect(seen.length).toBeLessThanOrEqual(5);
  vi.advanceTimersByTime(250);
  expect(seen.at(-1)).toBe(99);
});

it('publishes what a person does at once', () => {
  const store = new Store(Date.now);
  store.tell({ type: 'tick', nowMs: 1, heardMs: null });
  store.tell({ type: 'tick', nowMs: 2, heardMs: null });
  store.show((ui) => withNotice(ui, 'yes', 'good', 0));
  expect(store.snapshot()).toMatchObject({ daemon: { nowMs: 2 }, ui: { notice: { text: 'yes' } } });
});

it('publishes nothing when nothing changes', () => {
  const store = new Store(Date.now);
  const listener = vi.fn<() => void>();
  store.subscribe(listener);
  store.show((ui) => ui);
  expect(listener).not.toHaveBeenCalled();
});
