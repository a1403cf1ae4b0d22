import { expect, test, vi } from 'vitest';

import { Stopped } from '../../../daemon/sync/failures.ts';
import { refreshed } from '../../../daemon/sync/refresh.ts';
import type { Failure, Run, RunState } from '../../../shared/run-views.ts';
import { Workshop, start } from './workshop.ts';

const idle = new AbortController().signal;

const failure: Failure = {
  code: 'api',
  message: 'the API is down',
  hint: 'wait',
  retryable: true,
  kind: 'incremental',
  at: '2026-01-01T00:00:00Z',
  nextAttemptAt: null,
};

function ending(state: RunState): Run {
  const none = { requests: 0, seen: 0, inserted: 0, updated: 0, unchanged: 0, rejected: 0 };
  return {
    ...none,
    ...(state === 'failed' && { error: failure }),
    runId: 'r',
    stream: 'orders',
    shop: '1',
    kind: 'incremental',
    trigger: 'manual',
    state,
    startedAt: '',
    finishedAt: null,
    from: null,
    to: null,
  };
}

interface Scene {
  readonly joined: boolean;
  readonly state?: RunState;
  readonly kind?: 'full' | 'incremental';
  readonly ended?: Promise<Run>;
  readonly live?: Promise<void>;
  readonly liveRead?: boolean;
}

/** What comes of each request in turn. */
function world(...scenes: readonly Scene[]) {
  let asked = 0;
  const live = {
    request: async () => {
      const scene = scenes[asked++];
      if (scene === undefined) throw new Error('asked once more');
      const { joined, kind = 'incremental', state = 'succeeded', ended = Promise.resolve(ending(state)) } = scene;
      return { started: { kind, joined }, ended };
    },
    full: () => {
      const { live: reading = Promise.resolve(), liveRead = true } = scenes[asked - 1] ?? {};
      return { live: reading, liveRead };
    },
  };
  return { live, asked: () => asked };
}

test('a run that began after the call is enough; one that was joined is not, nor one that was cancelled', async () => {
  const once = world({ joined: false });
  await refreshed(once.live, idle);
  expect(once.asked()).toBe(1);
  const twice = world({ joined: true }, { joined: false, state: 'cancelled' }, { joined: false });
  await refreshed(twice.live, idle);
  expect(twice.asked()).toBe(3);
});

test('of a full run it waits for what is new, and not for its history', async () => {
  const reading = Promise.withResolvers<void>();
  const forEver = new Promise<Run>(() => undefined);
  const { live } = world({ joined: false, kind: 'full', live: reading.promise, ended: forEver });
  let done = false;
  const waiting = refreshed(live, idle).then(() => (done = true));
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
  expect(done).toBe(false);
  reading.resolve();
  await waiting;
});

test('why what is new could not be read is told, also by a full run that ended before it was read', async () => {
  const error = { code: 'api', message: 'what is new could not be read: the API is down', hint: 'wait' };
  await expect(refreshed(world({ joined: false, state: 'failed' }).live, idle)).rejects.toMatchObject(error);
  const full = world({ joined: false, kind: 'full', state: 'failed', liveRead: false });
  await expect(refreshed(full.live, idle)).rejects.toMatchObject(error);
  await expect(refreshed(world({ joined: true, state: 'interrupted' }).live, idle)).rejects.toMatchObject({
    code: 'shutting_down',
  });
});

test('who is stopped meanwhile waits no longer, and nothing more is asked for', async () => {
  const stopped = new Error('cancelled');
  const controller = new AbortController();
  const ended = Promise.withResolvers<Run>();
  const { live, asked } = world({ joined: false, ended: ended.promise });
  const waiting = refreshed(live, controller.signal);
  controller.abort(stopped);
  await expect(waiting).rejects.toBe(stopped);
  ended.resolve(ending('cancelled'));
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
  expect(asked()).toBe(1);
  await expect(refreshed(live, controller.signal)).rejects.toBe(stopped);
  expect(asked()).toBe(1);
});

test('when all is cancelled, what waited for a live run begins no other', async () => {
  await using w = await Workshop.open();
  w.shop.place(start - 5000);
  await w.run();
  w.clock.advance(900);
  const gate = Promise.withResolvers<void>();
  w.api.set({ after: () => gate.promise });
  const before = w.api.requests.length;
  const audit = await w.sync.request({ what: 'audit', repair: true }, 'manual');
  await vi.waitUntil(() => w.api.requests.length > before && w.sync.activeRuns.length === 2);
  const stopped = w.sync.stop(new Stopped('cancelled'));
  gate.resolve();
  await stopped;
  expect(await audit.ended).toMatchObject({ state: 'cancelled' });
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
  expect(w.sync.activeRuns).toEqual([]);
  const runs = await w.store.history({ limit: 9 });
  expect(runs.map(({ kind, state }) => `${kind} ${state}`)).toEqual([
    'incremental cancelled',
    'audit cancelled',
    'full succeeded',
  ]);
});
