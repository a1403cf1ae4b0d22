import { expect, test } from 'vitest';

import { orders } from '../../../daemon/streams/orders.ts';
import { Room } from '../store/room.ts';
import { shopOver } from './shop-over.ts';

test.each([
  { pageTokens: 'offset', endMarker: 'empty', defaultOrder: 'DESC' },
  { pageTokens: 'keyset', endMarker: 'absent', defaultOrder: 'ASC' },
] as const)(
  'over HTTP, with $pageTokens tokens and an $endMarker end: every order, exactly as shown',
  async (knobs) => {
    const { world, api } = await shopOver(knobs);
    const second = Math.floor(Date.now() / 1000) - 3600;
    world.burst(250, second);
    const placed = Array.from({ length: 230 }, () =>
      world.place({ createTime: second - 60, at: second - 30, still: true }),
    );
    await using room = await Room.open();
    const { runId } = await room.begin({ kind: 'full' });
    const window = { from: 0, to: second + 7200 };
    const oddities: string[] = [];
    const context = {
      api,
      priority: 'history',
      signal: new AbortController().signal,
      proof: {},
      odd: (what: string, detail: string) => oddities.push(`${what}: ${detail}`),
    } as const;
    for await (const page of orders.read(window, context)) {
      const read = page.coveredTo === undefined ? null : { from: page.from, to: page.coveredTo };
      await room.page({ ...page, runId, read, covered: read, ledger: runId });
    }
    expect(oddities).toEqual([]);
    expect(await room.rows('select from_time, to_time from coverage')).toEqual([{ from_time: 0, to_time: window.to }]);
    expect(await room.rows('select id, status, create_time, update_time from orders order by id')).toEqual(
      [...world.orders()]
        .map(({ id, status, createTime, updateTime }) => ({
          id,
          status,
          create_time: createTime,
          update_time: updateTime,
        }))
        .toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    );
    expect(await room.rows('select * from unseen union all select id, reason, 0 from rejected_records')).toEqual([]);

    const ids = [...placed.slice(0, 60), 'nobody'];
    const absent: string[] = [];
    for await (const page of orders.readIds(ids, context)) {
      absent.push(...(page.absent ?? []));
      expect(await room.page({ ...page, runId, read: null })).toMatchObject({ inserted: [], updated: 0 });
    }
    expect(absent).toEqual(['nobody']);
  },
);
