import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { productTable } from '../../../daemon/store/products.ts';
import { pagesInto, product, sku } from './records.ts';
import { Room, shop } from './room.ts';
import { day } from './wire.ts';

const open = async () => {
  const room = await Room.open();
  return { room, ...(await pagesInto(room, 'products', productTable)) };
};
const versionOf = async (room: Room, id = 'p') =>
  (await room.rows(`select title, update_time, asked, payload, hash from products where id = '${id}'`))[0];

test('rule 3: whatever the order of arrival, the greatest (time, time asked) is what stays', async () => {
  const { room, put } = await open();
  await using _ = room;
  const version = fc.record({ time: fc.nat(4), asked: fc.integer({ min: 1, max: 8 }) });
  let n = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(version, { minLength: 1, maxLength: 8, selector: ({ time, asked }) => `${time}/${asked}` }),
      async (versions) => {
        const id = `p${n++}`;
        for (const { time, asked } of versions)
          await put([product(id, { updateTime: day + time, title: `${time}/${asked}` })], { asked });
        const [greatest] = versions.toSorted((a, b) => b.time - a.time || b.asked - a.asked);
        expect(await versionOf(room, id)).toMatchObject({ title: `${greatest?.time}/${greatest?.asked}` });
      },
    ),
    { numRuns: 40 },
  );
});

test('rule 3: of one record twice on a page the newer is stored, of the same time the later one', async () => {
  const { room, put } = await open();
  await using _ = room;
  const [newer, older] = [product('p', { updateTime: day + 9, title: 'newer' }), product('p', { title: 'older' })];
  expect(await put([newer, older])).toMatchObject({ inserted: [{ id: 'p', time: day + 9 }], updated: 0, unchanged: 1 });
  expect(await versionOf(room)).toMatchObject({ title: 'newer' });
  await put([product('q', { title: 'first' }), product('q', { title: 'second' })]);
  expect(await versionOf(room, 'q')).toMatchObject({ title: 'second' });
});

test('rule 5: what did not change is not written: not its run, not when it changed, not when it was asked', async () => {
  const { room, put } = await open();
  await using _ = room;
  await put([product('p', { skus: [sku('a')] })]);
  const before = await room.dump('sync_runs', 'stream_state');
  room.now += 5000;
  expect(await put([product('p', { skus: [sku('a')] })])).toMatchObject({ updated: 0, unchanged: 1, silentEdits: 0 });
  expect(await room.dump('sync_runs', 'stream_state')).toEqual(before);
  expect(await put([product('p', { note: 'edited' })])).toMatchObject({ updated: 1, silentEdits: 1, arrivals: [] });
});

test('what it counts adds up, and arrivals are new versions only', async () => {
  const { room, put } = await open();
  await using _ = room;
  await put([product('a'), product('b'), product('c')]);
  const page = [
    product('a'),
    product('b', { updateTime: day + 5 }),
    product('c', { note: 'edited' }),
    product('d', { updateTime: day + 2 }),
  ];
  expect(await put(page)).toMatchObject({
    inserted: [{ id: 'd', time: day + 2 }],
    updated: 2,
    unchanged: 1,
    arrivals: [day + 2, day + 5],
    silentEdits: 1,
    greatestTime: day + 5,
    regressions: 0,
  });
});

describe('an answer that looks older', () => {
  test('is doubted when it was asked later, and replaces only when it was confirmed by id', async () => {
    const { room, put } = await open();
    await using _ = room;
    await put([product('p', { updateTime: day + 500, title: 'future' })], { asked: 10 });
    expect(await put([product('p')], { asked: 5 })).toMatchObject({ doubts: [], updated: 0 });
    expect(await put([product('p')], { asked: 20 })).toMatchObject({ doubts: ['p'], updated: 0 });
    expect(await versionOf(room)).toMatchObject({ title: 'future' });
    expect(await put([product('p', { title: 'confirmed' })], { asked: 30, settles: true })).toMatchObject({
      regressions: 1,
      doubts: [],
    });
    expect(await versionOf(room)).toMatchObject({ title: 'confirmed', update_time: day });
    expect(await room.rows('select * from doubts')).toEqual([]);
    // What was asked before the confirmation is believed no more, however new it looks.
    await put([product('p', { updateTime: day + 900, title: 'stale' })], { asked: 25 });
    expect(await versionOf(room)).toMatchObject({ title: 'confirmed' });
    await put([product('p', { updateTime: day + 900, title: 'news' })], { asked: 31 });
    expect(await versionOf(room)).toMatchObject({ title: 'news' });
  });
});

describe('without payloads', () => {
  test('the content is compared by its hash, and nothing of it is kept', async () => {
    await using room = await Room.open();
    await room.open({ keepPayload: false });
    const { put } = await pagesInto(room, 'products', productTable);
    await put([product('p')]);
    const { hash } = (await versionOf(room)) ?? {};
    expect(await versionOf(room)).toMatchObject({ payload: null, hash: expect.stringMatching(/^[0-9a-f]{40}$/) });
    expect(await put([product('p')])).toMatchObject({ unchanged: 1 });
    expect(await put([product('p', { note: 'edited' })])).toMatchObject({ updated: 1, silentEdits: 1 });
    expect((await versionOf(room))?.['hash']).not.toBe(hash);
  });

  test('and back: the next answer of the same version brings its payload', async () => {
    await using room = await Room.open();
    await room.open({ keepPayload: false });
    const { put } = await pagesInto(room, 'products', productTable);
    await put([product('p')]);
    await room.open({ keepPayload: true });
    await put([product('p')]);
    expect(await versionOf(room)).toMatchObject({ payload: product('p').payload, hash: '' });
  });
});

test('records of two shops that share an id are two records', async () => {
  const { room, put } = await open();
  await using _ = room;
  await put([product('p', { title: 'ours' })]);
  await put([product('p', { title: 'theirs' })], { shop: 'other' });
  expect(await room.rows('select shop_id, title from products order by 1')).toEqual([
    { shop_id: shop, title: 'ours' },
    { shop_id: 'other', title: 'theirs' },
  ]);
});
