import { join } from 'node:path';

import { expect, onTestFinished, test, vi } from 'vitest';

import { createBus } from '../../daemon/bus.ts';
import { createDispatcher } from '../../daemon/rpc/dispatch.ts';
import { Journal } from '../../daemon/rpc/journal.ts';
import { listen } from '../../daemon/rpc/server.ts';
import { methods } from '../../shared/contract.ts';
import type { Event } from '../../shared/views.ts';
import { connect } from '../../tui/client.ts';
import { Driver } from '../../tui/driver.ts';
import { Link } from '../../tui/link.ts';
import { Store } from '../../tui/store.ts';
import { aRun } from '../daemon/rpc/events.ts';
import { emptyStatus, realSchedule } from '../daemon/rpc/samples.ts';
import { eventually } from './client-process.ts';
import { Cuttable } from './cuttable.ts';
import type { FakeDaemon } from './fake-daemon.ts';
import { folder, startDaemon } from './room.ts';

vi.setConfig({ testTimeout: 30_000 });

/** The daemon's own server, with a snapshot of nothing, and somebody who lets runs happen. */
const startServer = async (path: string, instanceId: string) => {
  const bus = createBus({
    now: Date.now,
    onWatcherError: (error) => {
      throw error;
    },
  });
  let asked = 0;
  const server = await listen({
    path,
    dispatcher: createDispatcher(
      { subscribe: methods.subscribe, history: methods.history },
      {
        history: async () => {
          asked++;
          return { runs: [] };
        },
        subscribe: async ({ topics, since }, connection) => {
          const after = since?.instanceId === instanceId ? since.seq : undefined;
          return { instanceId, seq: await connection.subscribe(topics, after) };
        },
      },
      {
        onInternalError: (error) => {
          throw error;
        },
      },
    ),
    subscriptions: {
      watch: bus.watch,
      journal: new Journal(bus.watch),
      snapshot: () => Promise.resolve({ ...emptyStatus, instanceId }),
      now: Date.now,
      schedule: realSchedule,
    },
    onError: (error) => {
      throw error;
    },
  });
  onTestFinished(() => server.close({ graceMs: 0 }));
  let runs = 0;
  const happen = (count: number): void => {
    for (const _ of Array.from({ length: count }))
      bus.publish({ topic: 'runs', key: `${++runs}`, data: aRun(`${runs}`, 'succeeded') });
  };
  return { server, happen, historyAsked: () => asked };
};

const startLink = (path: string, onUp = async () => {}) => {
  const events: Event[] = [];
  const ups: boolean[] = [];
  const leave = new AbortController();
  const link = new Link({
    reach: async () => ({ client: await connect(path), path, readOnly: false }),
    topics: ['runs'],
    onState: () => {},
    onEvent: (event) => events.push(event),
    onUp: async (_, resumed) => {
      await onUp();
      ups.push(resumed);
    },
    now: Date.now,
    signal: leave.signal,
  });
  const running = link.run();
  onTestFinished(async () => {
    leave.abort();
    await running;
  });
  return {
    link,
    events,
    /** For each time that it was up: whether the events went on where they had stopped. */
    ups,
    seqs: () => events.map(({ seq }) => seq),
    topics: () => events.map(({ topic }) => topic),
    runs: () => events.flatMap((event) => (event.topic === 'runs' ? [Number(event.data.runId)] : [])),
  };
};

const upTo = (last: number): readonly number[] => Array.from({ length: last }, (_, index) => index + 1);

test('lesson 7: over lost connections, with events on their way, every run is heard once and in one count', async () => {
  const path = join(folder(), 'control.sock');
  const { happen } = await startServer(path, 'one');
  const front = await new Cuttable(path).open();
  const { ups, events, seqs, runs, topics } = startLink(front.path);
  for (let round = 1; round <= 3; round++) {
    await eventually(() => ups.length === round, `connection ${round}`);
    happen(3);
    await eventually(() => runs().length === round * 9 - 6, 'what is told at once');
    front.isSwallowing = true;
    happen(3);
    await new Promise((resolve) => setImmediate(resolve));
    front.cut();
    happen(3);
  }
  await eventually(() => runs().length === 27, 'the last ones');
  expect(runs()).toEqual(upTo(27));
  expect(seqs()).toEqual(upTo(events.length));
  expect(ups.slice(0, 3)).toEqual([false, true, true]);
  // What was missed comes before the snapshot: that is for what has no history.
  expect(topics().indexOf('snapshot', 1)).toBe(10);
});

test('the screen keeps what it shows while the connection is lost, and adds what it is told then, without asking again', async () => {
  const path = join(folder(), 'control.sock');
  const { happen, historyAsked } = await startServer(path, 'one');
  const front = await new Cuttable(path).open();
  const store = new Store(Date.now, 0);
  const driver = new Driver({
    store,
    reach: async () => ({ client: await connect(front.path), path, readOnly: false }),
    quit: () => {},
    now: Date.now,
  });
  const running = driver.run();
  onTestFinished(async () => {
    driver.stop();
    await running;
  });
  const shown = (): readonly string[] => store.state.daemon.runs.map(({ runId }) => runId).toSorted();
  await eventually(() => store.state.daemon.link.kind === 'up', 'a connection');
  happen(2);
  await eventually(() => shown().length === 2, 'its runs');
  front.cut();
  happen(1);
  await eventually(() => store.state.daemon.link.kind === 'down', 'the loss');
  expect([shown(), store.state.daemon.status?.instanceId]).toEqual([['1', '2'], 'one']);
  await eventually(() => store.state.daemon.link.kind === 'up', 'the return');
  expect(shown()).toEqual(['1', '2', '3']);
  expect(historyAsked()).toBe(1);
});

test('what the daemon does not know any more is replaced by a snapshot, and said to be', async () => {
  const path = join(folder(), 'control.sock');
  const { happen } = await startServer(path, 'one');
  const front = await new Cuttable(path).open();
  const { ups, events, runs } = startLink(front.path);
  await eventually(() => ups.length === 1, 'a connection');
  happen(1);
  await eventually(() => runs().length === 1, 'a run');
  front.cut();
  happen(1001);
  await eventually(() => ups.length === 2, 'another connection');
  expect(ups).toEqual([false, false]);
  expect(events.slice(2).map(({ topic }) => topic)).toEqual(['snapshot']);
  happen(1);
  await eventually(() => runs().length === 2, 'what happens now');
  expect(runs()).toEqual([1, 1003]);
});

test('lesson 7: another daemon in the same place is begun with a snapshot, though its numbers are the same', async () => {
  const path = join(folder(), 'control.sock');
  const { server, happen } = await startServer(path, 'one');
  const front = await new Cuttable(path).open();
  const { link, ups, events, runs } = startLink(front.path);
  await eventually(() => ups.length === 1, 'a connection');
  happen(2);
  await eventually(() => runs().length === 2, 'its runs');
  await server.close({ graceMs: 0 });
  await eventually(() => events.at(-1)?.topic === 'shutdown', 'its last word');
  const next = await startServer(path, 'two');
  link.reconnect();
  await eventually(() => ups.length === 2, 'the next daemon');
  next.happen(1);
  await eventually(() => runs().length === 3, 'its run');
  expect(ups).toEqual([false, false]);
  expect(events.map(({ topic, seq }) => `${topic} ${seq}`)).toEqual([
    'snapshot 1',
    'runs 2',
    'runs 3',
    'shutdown 4',
    'snapshot 1',
    'runs 2',
  ]);
});

const lastSince = (daemon: FakeDaemon): unknown =>
  Object.getOwnPropertyDescriptor(daemon.called('subscribe').at(-1), 'since')?.value;

test('a gap in the count is not passed over: what follows it is dropped, and everything asked for anew', async () => {
  const daemon = await startDaemon();
  const { ups, runs, topics } = startLink(daemon.path);
  await eventually(() => ups.length === 1, 'a connection');
  daemon.emit('runs', aRun('1', 'running'));
  await eventually(() => runs().length === 1, 'a run');
  daemon.lose();
  daemon.emit('runs', aRun('3', 'running'));
  daemon.emit('runs', aRun('4', 'running'));
  await eventually(() => ups.length === 2, 'another connection');
  expect(lastSince(daemon)).toBeUndefined();
  expect(topics()).toEqual(['snapshot', 'runs', 'snapshot']);
  daemon.emit('runs', aRun('5', 'running'));
  await eventually(() => runs().length === 2, 'what happens now');
  expect(runs()).toEqual([1, 5]);
});

test('after an overflow it comes back by itself, behind the last event, and gets a snapshot', async () => {
  const daemon = await startDaemon();
  const { ups, topics } = startLink(daemon.path);
  await eventually(() => ups.length === 1, 'a connection');
  daemon.emit('overflow', { dropped: 3 });
  await eventually(() => ups.length === 2, 'another connection');
  expect(topics()).toEqual(['snapshot', 'overflow', 'snapshot']);
  expect(lastSince(daemon)).toEqual({ instanceId: daemon.status.instanceId, seq: 2 });
});

test('a connection that broke before all was known is not gone on with', async () => {
  const path = join(folder(), 'control.sock');
  const { happen } = await startServer(path, 'one');
  const front = await new Cuttable(path).open();
  let asked = 0;
  const { ups, events } = startLink(front.path, async () => {
    if (++asked > 1) return;
    front.cut();
    await Promise.reject(new Error('the history did not come'));
  });
  await eventually(() => ups.length === 1, 'a connection that stands');
  happen(1);
  front.cut();
  await eventually(() => ups.length === 2, 'one more');
  expect([asked, ups]).toEqual([3, [false, true]]);
  expect(events[1]?.seq).not.toBe(2);
});
