import { expect, it } from 'vitest';

import { connect } from '../../tui/client.ts';
import { Link, type LinkState, backoffMs } from '../../tui/link.ts';
import { eventually } from './client-process.ts';
import { startDaemon } from './room.ts';

it('waits from a quarter of a second to five seconds', () =>
  expect([0, 1, 2, 3, 4, 5, 50].map(backoffMs)).toEqual([250, 500, 1000, 2000, 4000, 5000, 5000]));

it('asks for everything again at each return, and reconnects at once when told to', async () => {
  const daemon = await startDaemon();
  const states: LinkState[] = [];
  const snapshots: number[] = [];
  const leave = new AbortController();
  const link = new Link({
    reach: async () => ({ client: await connect(daemon.path), path: daemon.path, readOnly: false }),
    topics: ['runs'],
    onState: (state) => states.push(state),
    onEvent: (event) => event.topic === 'snapshot' && snapshots.push(event.seq),
    onUp: async () => {},
    now: Date.now,
    signal: leave.signal,
  });
  const running = link.run();
  const count = (kind: LinkState['kind']): number => states.filter((state) => state.kind === kind).length;
  await eventually(() => count('up') === 1 && snapshots.length === 1, 'the first snapshot');
  link.reconnect();
  await eventually(() => count('up') === 2 && snapshots.length === 2, 'a second one');
  await daemon.kill();
  await eventually(() => count('down') >= 3, 'attempts that fail');
  await daemon.start();
  link.reconnect();
  await eventually(() => count('up') === 3 && snapshots.length === 3, 'a third one');
  leave.abort();
  await running;
  expect(link.client).toBeUndefined();
});
