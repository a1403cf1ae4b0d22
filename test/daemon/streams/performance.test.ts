import { describe, expect, test } from 'vitest';

import { timeOfDate } from '../../../daemon/streams/day-record.ts';
import { FiguresApi, day, interval, noon, read, today } from './figures-api.ts';

describe('an API that does not heed', () => {
  test('the granularity is an error by name', async () => {
    const api = new FiguresApi();
    api.bend = (_, { from, to, version }) => [interval(timeOfDate(from), version, timeOfDate(to))];
    const { error, pages } = await read(api, { from: today - 20 * day, to: noon });
    expect(error).toMatchObject({
      class: 'configuration',
      message: expect.stringContaining('the API ignores the granularity'),
    });
    expect(pages).toEqual([]);
  });

  test('the dates is an error by name', async () => {
    const api = new FiguresApi();
    api.bend = (_, { version }) => [interval(today - 400 * day, version)];
    const { error, pages } = await read(api, { from: today - 20 * day, to: noon });
    expect(error).toMatchObject({
      class: 'configuration',
      message: expect.stringContaining('the API ignores the dates'),
    });
    expect(pages).toEqual([]);
  });
});

describe('versions', () => {
  const window = { from: today - 10 * day, to: noon };
  const figures = { gmv: '10.50', currency: 'GBP', orders: 3, unitsSold: 4, buyers: 2, refunds: '10.50' };

  test('the older one answers where the newer does not exist, with the same figures, and is asked first from then on', async () => {
    const api = new FiguresApi();
    api.versions.delete('202509');
    const { pages } = await read(api, window);
    expect(pages[0]?.records[0]).toMatchObject(figures);
    await read(api, window);
    expect(api.asked.map(({ version }) => version)).toEqual(['202509', '202405', '202405']);
  });

  test('and back', async () => {
    const api = new FiguresApi();
    api.versions.delete('202509');
    await read(api, window);
    api.versions = new Set(['202509']);
    const { pages } = await read(api, window);
    expect(pages[0]?.records[0]).toMatchObject(figures);
    await read(api, window);
    expect(api.asked.map(({ version }) => version)).toEqual(['202509', '202405', '202405', '202509', '202509']);
  });

  test('none that answers is an error: the refusal of the first one', async () => {
    const api = new FiguresApi();
    api.versions.clear();
    const { error } = await read(api, window);
    expect(error).toMatchObject({ class: 'configuration', reaction: 'fall-back-version' });
  });
});
