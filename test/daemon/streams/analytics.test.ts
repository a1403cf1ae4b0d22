import { describe, expect, test } from 'vitest';

import { analytics } from '../../../daemon/streams/analytics.ts';
import { dateOfTime } from '../../../daemon/streams/day-record.ts';
import { type Asked, FiguresApi, day, noon, read, today } from './figures-api.ts';
import { coveredBy } from './order-world.ts';
import { contextOf, pagesOf } from './shop-over.ts';

const fromTo = (asked: readonly Asked[]) => asked.map(({ from, to }) => `${from} ${to}`);

describe('days', () => {
  test('are asked with an exclusive end, told up to the latest, and covered once they are not restated any more', async () => {
    const api = new FiguresApi();
    const { pages, dates } = await read(api, { from: today - 10 * day + 5000, to: noon + 2 });
    expect(fromTo(api.asked)).toEqual(['2026-11-12 2026-11-23']);
    expect(dates).toEqual(Array.from({ length: 10 }, (_, i) => dateOfTime(today - (10 - i) * day)));
    expect(pages).toMatchObject([
      { freshTo: today, from: today - 10 * day + 5000, coveredTo: today - 7 * day, remaining: 0 },
    ]);
    expect(pages[0]?.records.map(({ final }) => final)).toEqual([...Array(3).fill(true), ...Array(7).fill(false)]);
  });

  test('that are not told yet are not stored, whatever is sent for them', async () => {
    const api = new FiguresApi();
    api.latest = '2026-11-19';
    api.shownTo = '2026-11-22';
    api.bend = (intervals) =>
      intervals.map((one, i) => (i === intervals.length - 1 ? { ...Object(one), sales: {} } : one));
    const { dates, pages } = await read(api, { from: today - 9 * day, to: noon });
    expect(dates.at(-1)).toBe('2026-11-19');
    expect(pages.flatMap(({ rejected }) => rejected)).toEqual([]);
    expect(coveredBy(pages)).toEqual([]);
  });

  test('of years are asked sixty at a time, none of them before it is told', async () => {
    const api = new FiguresApi();
    const { pages, dates } = await read(api, { from: today - 150 * day, to: noon });
    expect(api.asked).toHaveLength(3);
    expect(dates).toHaveLength(150);
    expect(pages.map(({ remaining }) => remaining)).toEqual([90, 30, 0]);
    expect(coveredBy(pages)).toEqual([{ from: today - 150 * day, to: today - 7 * day }]);
  });

  test('behind the latest one are not asked for', async () => {
    const api = new FiguresApi();
    api.latest = dateOfTime(today - 90 * day);
    await read(api, { from: today - 150 * day, to: noon });
    expect(fromTo(api.asked)).toEqual([
      `${dateOfTime(today - 150 * day)} ${dateOfTime(today - 90 * day)}`,
      `${dateOfTime(today - 90 * day)} ${dateOfTime(today - 89 * day)}`,
    ]);
  });

  test('whose figures cannot be read are set aside by their date', async () => {
    const api = new FiguresApi();
    api.bend = (intervals) => intervals.map((one, i) => (i === 0 ? { ...Object(one), sales: { gmv: {} } } : one));
    const { pages } = await read(api, { from: today - 9 * day, to: noon });
    expect(pages[0]?.rejected).toMatchObject([{ recordId: '2026-11-13' }]);
    expect(coveredBy(pages)).toEqual([{ from: today - 9 * day, to: today - 7 * day }]);
  });
});

describe('a range of which less comes', () => {
  test.each([
    ['first', (days: unknown[]) => days.slice(0, 31)],
    ['last', (days: unknown[]) => days.slice(-31)],
  ])('is read on where it was cut short, be it to its %s 31 days', async (_, cut) => {
    const api = new FiguresApi();
    api.bend = cut;
    const { pages, dates } = await read(api, { from: today - 150 * day, to: noon });
    expect(new Set(dates).size).toBe(150);
    expect(coveredBy(pages)).toEqual([{ from: today - 150 * day, to: today - 7 * day }]);
    expect(api.asked.length).toBeLessThan(12);
  });

  test('because the shop had no figures yet is asked once more, and covered', async () => {
    const api = new FiguresApi();
    api.bend = (days) => days.filter((one) => Object(one).start_date >= '2026-09-01');
    const { pages, dates } = await read(api, { from: today - 400 * day, to: noon });
    expect(dates).toHaveLength(82);
    expect(coveredBy(pages)).toEqual([{ from: today - 400 * day, to: today - 7 * day }]);
    expect(api.asked.length).toBeLessThan(10);
  });
});

describe('a range that is refused', () => {
  test('for its length is halved until it is short enough', async () => {
    const api = new FiguresApi();
    api.refuse = (from, to) => (to - from > 30 * day ? 28001022 : undefined);
    const { pages, dates, error } = await read(api, { from: today - 365 * day, to: noon });
    expect(error).toBeUndefined();
    expect(dates).toHaveLength(365);
    expect(coveredBy(pages)).toEqual([{ from: today - 365 * day, to: today - 7 * day }]);
    expect(api.asked.length).toBeLessThan(4 * (365 / 30));
  });

  test('because the shop had not begun holds nothing, and is told', async () => {
    const api = new FiguresApi();
    const began = today - 100 * day;
    api.refuse = (from) => (from < began ? 28001022 : undefined);
    const { pages, dates, oddities, error } = await read(api, { from: today - 900 * day, to: noon });
    expect(error).toBeUndefined();
    expect(dates).toHaveLength(100);
    expect(coveredBy(pages)).toEqual([{ from: today - 900 * day, to: today - 7 * day }]);
    expect(oddities[0]).toMatch(/^days refused: 2024-06-05 to 2024-08-04: /);
    expect(api.asked.length).toBeLessThan(100);
  });

  test('because the shop began this week is not covered before it is old', async () => {
    const api = new FiguresApi();
    api.refuse = (from, to) => (from < today - 4 * day || to > today ? 28001022 : undefined);
    const { pages, dates, error } = await read(api, { from: today - 14 * day, to: noon });
    expect(error).toBeUndefined();
    expect(dates).toEqual(['2026-11-18', '2026-11-19', '2026-11-20', '2026-11-21']);
    expect(coveredBy(pages)).toEqual([{ from: today - 14 * day, to: today - 10 * day }]);
  });

  test('where days before the shop began are left out of others', async () => {
    const api = new FiguresApi();
    const began = '2026-11-18';
    api.bend = (days) => days.filter((one) => Object(one).start_date >= began);
    api.refuse = (_, to) => (to <= today - 4 * day ? 28001022 : undefined);
    const { pages, dates, error } = await read(api, { from: today - 70 * day, to: noon });
    expect(error).toBeUndefined();
    expect(dates).toEqual(['2026-11-18', '2026-11-19', '2026-11-20', '2026-11-21']);
    expect(coveredBy(pages)).toEqual([{ from: today - 70 * day, to: today - 10 * day }]);
    expect(api.asked.length).toBeLessThan(40);
  });

  test('though the API has told the days before it is an error: nothing of it is covered', async () => {
    const api = new FiguresApi();
    api.refuse = (_, to) => (to > today - 2 * day ? 28001022 : undefined);
    const { pages, dates, error } = await read(api, { from: today - 14 * day, to: noon });
    expect(error).toMatchObject({ class: 'configuration', apiCode: 28001022 });
    expect(dates.at(-1)).toBe(dateOfTime(today - 3 * day));
    expect(coveredBy(pages)).toEqual([{ from: today - 14 * day, to: today - 7 * day }]);
  });

  test('altogether is an error as well', async () => {
    const api = new FiguresApi();
    api.refuse = () => 28001022;
    const { error, pages } = await read(api, { from: today - 14 * day, to: noon });
    expect(error).toMatchObject({ class: 'configuration', apiCode: 28001022 });
    expect(coveredBy(pages).every(({ to }) => to <= today - 9 * day)).toBe(true);
    expect(api.asked.length).toBeLessThan(30);
  });
});

describe('by date', () => {
  test('a day is told, or absent', async () => {
    const api = new FiguresApi();
    api.refuse = (from) => (from < today - 300 * day ? 28001022 : undefined);
    const pages = await pagesOf(analytics.readIds(['2026-11-10', '2026-11-22', '2020-01-01'], contextOf(api).context));
    expect(pages.map((page) => [page.records.map(({ date }) => date), page.absent, page.coveredTo])).toEqual([
      [['2026-11-10'], [], undefined],
      [[], ['2026-11-22'], undefined],
      [[], ['2020-01-01'], undefined],
    ]);
  });
});

describe('counting', () => {
  test('takes one request, and counts to the latest day', async () => {
    const api = new FiguresApi();
    api.latest = '2026-11-18';
    expect(await analytics.count({ from: today - 100 * day, to: noon }, contextOf(api).context)).toBe(97);
    api.refuse = () => 28001022;
    expect(await analytics.count({ from: today - 100 * day, to: today }, contextOf(api).context)).toBe(100);
    expect(api.asked).toHaveLength(2);
  });
});
