import { expect, test } from 'vitest';

import { cancellations } from '../../../daemon/streams/cancellations.ts';
import { products } from '../../../daemon/streams/products.ts';
import { returns } from '../../../daemon/streams/returns.ts';
import type { Stream } from '../../../daemon/streams/stream.ts';
import { engineOver } from '../streams/engine-over.ts';

const streams: readonly Stream<unknown>[] = [returns, cancellations, products];

test.each(streams)('the $name are audited as well', async (stream) => {
  const world = await engineOver(stream, { orders: 1500, days: 200 });
  expect(await world.run()).toMatchObject({ state: 'succeeded' });
  world.timers.pass(3 * 3600 * 1000);
  const [{ n = 0 } = {}] = await world.rows(`select count(*) as n from ${stream.name}`);
  const whole = await world.run({ what: 'audit', repair: true });
  expect(whole?.audit).toMatchObject({ remote: n, stored: n, missing: 0, stale: 0, onlyLocal: 0, undecided: 0 });
  expect(whole?.audit?.statement).toContain(`of ${Number(n).toLocaleString('en-US')} ${stream.name}, 0 stale`);
  const before = await world.rows(
    `select id, status, update_time, create_time, payload from ${stream.name} order by id`,
  );
  const skus = () => world.rows('select * from product_skus order by product_id, id');
  const sold = await skus();
  await world.rows(`delete from product_skus where rowid % 30 = 0`);
  await world.rows(`delete from ${stream.name} where rowid % 20 = 0`);
  await world.rows(`update ${stream.name} set status = 'MADE_UP' where rowid % 20 = 1`);
  await world.rows(`update ${stream.name} set update_time = update_time - 4000 where rowid % 20 = 2`);
  const found = await world.run({ what: 'audit', repair: true });
  expect(found?.audit?.missing).toBeGreaterThan(0);
  expect(found?.audit?.stale).toBeGreaterThan(1);
  expect(found?.audit).toMatchObject({ remote: n, stored: n, onlyLocal: 0, undecided: 0 });
  expect(
    await world.rows(`select id, status, update_time, create_time, payload from ${stream.name} order by id`),
  ).toEqual(before);
  expect(await skus()).toEqual(sold);
});
