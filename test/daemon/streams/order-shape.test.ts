import { readFileSync, readdirSync } from 'node:fs';

import { expect, test } from 'vitest';
import { z } from 'zod';

import { documentedShape } from '../../../daemon/streams/order-shape.ts';
import { shapeOf } from '../../../daemon/streams/shape.ts';
import { startSandbox } from '../../sandbox/sandbox.ts';

const samples = new URL('../../data/tiktok/samples/', import.meta.url);
const page = z.looseObject({ data: z.looseObject({ orders: z.array(z.looseObject({})) }) });
const isNews = (shape: string): boolean => !documentedShape.has(shape.replace(/:[a-z]+$/, ''));

test('T48: nothing in the samples of the API is news', () => {
  const files = readdirSync(samples).filter((name) => /^order.*\.json$/.test(name));
  const news = files.flatMap((name) => {
    const read = page.safeParse(JSON.parse(readFileSync(new URL(name, samples), 'utf8')));
    return read.success ? read.data.data.orders.flatMap((order) => shapeOf(order).filter(isNews)) : [];
  });
  expect(files.length).toBeGreaterThan(3);
  expect(news).toEqual([]);
});

test('T48: nothing that the sandbox sends is news', async () => {
  await using sandbox = await startSandbox({ orders: 300, frozen: true });
  const orders = Array.from({ length: sandbox.world.size }, (_, position) =>
    z.looseObject({}).parse(JSON.parse(sandbox.world.payload(position).toString())),
  );
  expect(new Set(orders.flatMap((order) => shapeOf(order).filter(isNews)))).toEqual(new Set());
});
