import { describe, expect, it } from 'vitest';

import type { Status } from '../../../shared/views.ts';
import { type Place, placesOf } from '../../../tui/place.ts';
import { type Count, countRows, countedPlace, countsOf } from '../../../tui/views/counts.tsx';
import { Outline } from '../../../tui/views/outline.ts';
import { type Plan, planDashboard } from '../../../tui/views/plan.ts';
import { failure, lastAudit, mended, progress, status, stream, unmended } from '../samples.ts';
import { manyShops } from '../shops.ts';

const counts: readonly Count[] = Array.from({ length: 9 }, (_, at) => [`AWAITING_STATUS_${at}`, at * 1000]);
const kinds = [stream({ run: progress() }), stream({ lastError: failure() }), stream()];
const nowMs = Date.now();

const plan = (of: Status, columns: number, rows: number, selected: Place | null = null): Plan =>
  planDashboard(new Outline(of, { columns, nowMs, selected }), selected, counts, columns, rows);

const textOf = ({ lines }: Plan): readonly string[] => lines.map((line) => line.map(([words]) => words).join(''));

const heightOf = ({ lines, look, runRows, gap }: Plan): number =>
  Math.max(1, lines.length) + countRows(counts, 80, look) + (runRows > 0 ? 2 + runRows : 0) + 2 + 3 * gap;

describe('planDashboard', () => {
  it('never takes more lines than there are, from the smallest body to a large one, whatever is selected', () => {
    const one = Array.from({ length: 13 }, (_, many) =>
      status({ streams: Array.from({ length: many }, (_row, at) => ({ ...stream(kinds[at % 3]), stream: `s${at}` })) }),
    );
    for (const of of [...one, ...[2, 3, 9].map((many) => manyShops(many))]) {
      const places = placesOf(of);
      for (let rows = 9; rows <= 70; rows++) {
        for (const selected of [null, places[0], places[Math.floor(places.length / 2)], places.at(-1)]) {
          const made = plan(of, 80, rows, selected ?? null);
          expect(heightOf(made), `${of.streams.length} in ${rows}`).toBeLessThanOrEqual(rows);
          if (selected) expect(textOf(made).filter((line) => line.startsWith('❯'))).toHaveLength(1);
        }
      }
    }
  });

  it('shows everything whole where there is room', () => {
    const made = plan(status({ streams: kinds.map((kind, at) => ({ ...kind, stream: `s${at}` })) }), 120, 40);
    expect(made.look).toBe('bars');
    for (const words of ['complete since', 'fresh to', '✕ incremental run failed 3 min ago', 'next run in'])
      expect(textOf(made).join('\n')).toContain(words);
  });

  it('says why and how well of the streams only where neither the counts nor the last runs give way for it', () => {
    const reason = 'about 0.3 orders an hour at this time: 2 ticks of */15 * * * * are left out';
    const names = ['orders', 'products', 'analytics'];
    const plainly = status({ streams: names.map((name) => stream({ stream: name })) });
    const told = status({
      streams: names.map((name) => stream({ stream: name, nextRunReason: reason, audit: lastAudit(mended()) })),
    });
    expect(plan(told, 80, 19)).toMatchObject({
      look: plan(plainly, 80, 19).look,
      runRows: plan(plainly, 80, 19).runRows,
    });
    for (let rows = 9; rows <= 70; rows++) {
      const [before, after] = [plan(plainly, 80, rows), plan(told, 80, rows)];
      expect(after.look).toBe(before.look);
      expect(after.runRows).toBeGreaterThanOrEqual(Math.min(6, before.runRows));
    }
    const roomy = textOf(plan(told, 80, 40))
      .join(' ')
      .replaceAll(/ +/g, ' ');
    expect(roomy.split(reason)).toHaveLength(4);
    expect(roomy.split('≠ audited')).toHaveLength(4);
  });

  it('tells of what is not as at TikTok in every look, a shop that is summed up but for its line', () => {
    const streams = [stream({ audit: lastAudit(unmended()) }), stream({ stream: 'products' })];
    for (const rows of [9, 11, 19, 40])
      expect(textOf(plan(status({ streams }), 80, rows)).join(' ')).toContain('≠ audited 5 h ago: 10 missing');
  });

  it('has a line for every stream of three shops at 120×40, and the budget of each shop', () => {
    const lines = textOf(plan(manyShops(3), 120, 35));
    expect(lines.filter((line) => line.includes('✓ idle'))).toHaveLength(18);
    for (const words of ['Europe A', 'Europe B', 'Europe C', '100 today', '101 today', '102 today'])
      expect(lines.join('\n')).toContain(words);
  });

  it('opens the selected shop at 80×24 and sums the others up, with what failed there', () => {
    const three = manyShops(3);
    const streams = three.streams.map((one) =>
      one.shop.endsWith('2') && one.stream === 'returns' ? { ...one, lastError: failure() } : one,
    );
    const selected = { shop: '7490000000000000001', stream: 'products' };
    const lines = textOf(plan({ ...three, streams }, 80, 20, selected));
    expect(lines.filter((line) => line.includes('✓ idle'))).toHaveLength(6);
    expect(lines.find((line) => line.startsWith('❯'))).toContain('products');
    expect(lines.find((line) => line.includes('Europe A'))).toContain('✓ 6 idle');
    expect(lines.find((line) => line.includes('Europe C'))).toContain('✕ returns failed  ✓ 5 idle');
  });

  it('counts what is out of sight, and what of it failed', () => {
    const nine = manyShops(9);
    const streams = nine.streams.map((one) => (one.shop.endsWith('8') ? { ...one, lastError: failure() } : one));
    const lines = textOf(plan({ ...nine, streams }, 60, 11, { shop: '7490000000000000005', stream: 'orders' }));
    expect(lines[0]).toMatch(/^ {2}↑ \d+ more$/);
    expect(lines.at(-1)).toMatch(/^ {2}↓ \d+ more, 1 failed$/);
  });

  it('tells of a missing scope with what to do about it, below the line that is selected', () => {
    const hint = 'give the app seller.order.info in Partner Center, then authorize again: shopsync auth url';
    const lastError = failure({ code: 'not_authorized', message: 'the app lacks the scope seller.order.info', hint });
    const three = manyShops(3);
    const [first, ...others] = three.streams;
    const streams = first === undefined ? [] : [{ ...first, lastError }, ...others];
    const text = textOf(plan({ ...three, streams }, 80, 20, { shop: '7490000000000000000', stream: 'orders' }));
    expect(text.map((line) => line.trim()).join(' ')).toContain('shopsync auth url');
  });

  it('says of analytics until which day they are, not that they are hours behind', () => {
    const freshTo = '2026-11-22T00:00:00Z';
    const days = stream({ stream: 'analytics', freshTo, lagSeconds: 60_000, byStatus: { FINAL: 20 } });
    for (const rows of [11, 40]) {
      const text = textOf(plan(status({ streams: [days] }), 80, rows)).join('\n');
      expect(text).toContain('days to 2026-11-21');
      expect(text).not.toContain('behind');
    }
  });
});

describe('countsOf', () => {
  it('counts the orders of all shops, or what is selected, and never one kind with another', () => {
    const two = manyShops(2);
    const counted = (selected: Place | null) => countsOf(two, countedPlace(two, selected));
    const shop = '7490000000000000001';
    expect(counted(null)).toEqual([['ORDERS_DONE', 1000]]);
    expect(counted({ shop, stream: null })).toEqual([['ORDERS_DONE', 500]]);
    expect(counted({ shop, stream: 'returns' })).toEqual([['RETURNS_DONE', 500]]);
  });
});
