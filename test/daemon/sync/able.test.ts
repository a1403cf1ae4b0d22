import { expect, test } from 'vitest';

import { streams as allStreams } from '../../../daemon/streams/all.ts';
import type { Auditable } from '../../../daemon/streams/stream.ts';
import { type Abilities, ableTo } from '../../../daemon/sync/able.ts';
import type { Ask } from '../../../daemon/sync/asks.ts';
import { auditedStreams } from '../../../shared/streams.ts';

const columns = { id: 'id', time: 'update_time' };
const created = { ...columns, created: 'create_time' };
const audit: Auditable<unknown> = {
  count: () => Promise.reject(new Error('not asked')),
  read: () => {
    throw new Error('not read');
  },
};
const streams: readonly Abilities[] = [
  { name: 'orders', table: { columns: created }, statuses: ['UNPAID'], closed: ['COMPLETED'], audit },
  { name: 'products', table: { columns: created }, audit },
  { name: 'returns', table: { columns }, closed: ['DONE'] },
];
const byStatus: Ask = { what: 'span', span: { from: 0, to: 1 }, statuses: ['UNPAID'] };

test.each<[Ask, readonly string[] | undefined]>([
  [{ what: 'sync' }, undefined],
  [{ what: 'resync' }, undefined],
  [{ what: 'span', span: { from: 0, to: 1 } }, undefined],
  [byStatus, ['orders']],
  [{ what: 'recheck' }, ['orders']],
  [{ what: 'audit', repair: true }, ['orders', 'products']],
])('%j is for every stream that can do it, or for those that are named', (ask, able) => {
  expect(ableTo(ask, streams, undefined)).toEqual(able);
  expect(ableTo(ask, streams, ['orders'])).toEqual(['orders']);
});

test.each<[Ask, string, string, string]>([
  [byStatus, 'products', 'products cannot be read by status', 'orders'],
  [{ what: 'recheck' }, 'returns', 'returns cannot be checked again by id', 'orders'],
  [{ what: 'audit', repair: false }, 'returns', 'returns cannot be audited', 'orders, products'],
])('%j of a stream that cannot is refused as a whole, with those that can', (ask, name, words, able) => {
  const error = { code: 'invalid_params', message: `Invalid params: stream: ${words}`, hint: `one of: ${able}` };
  expect(() => ableTo(ask, streams, ['orders', name])).toThrow(expect.objectContaining(error));
});

test('where none can, that is said, however few are named', () => {
  const none = streams.filter(({ name }) => name === 'returns');
  const error = {
    message: 'Invalid params: stream: none of those that are synced can be read by status',
    hint: 'sync.streams says which are synced',
  };
  for (const named of [undefined, ['returns']])
    expect(() => ableTo(byStatus, none, named)).toThrow(expect.objectContaining(error));
});

test('a name that no stream has is left to who knows them all', () => {
  expect(ableTo(byStatus, streams, ['ordres'])).toEqual(['ordres']);
});

test('the streams that clients offer for an audit are those that can be audited', () => {
  expect(ableTo({ what: 'audit', repair: true }, allStreams, undefined)).toEqual(auditedStreams);
});
