import { describe, expect, it } from 'vitest';

import { statusReport } from '../../tui/status-report.ts';
import { width } from '../../tui/width.ts';
import { audited, failure, lastAudit, mended, progress, status, stream, unmended } from './samples.ts';
import { manyShops } from './shops.ts';

const nowMs = Date.now();
const report = (of = manyShops(3), columns?: number): readonly string[] =>
  statusReport(of, '/run/s.sock', nowMs, (_, text) => text, columns);

const troubled = () => {
  const three = manyShops(3);
  const hint =
    'give the app data.shop_analytics.public.read in Partner Center, then authorize again: shopsync auth url';
  const [first, second, ...others] = three.streams;
  if (first === undefined || second === undefined) throw new Error('the sample has no streams');
  return {
    ...three,
    streams: [
      { ...first, run: progress(), oddities: { 'late arrival': 3 } },
      { ...second, lastError: failure({ hint }) },
      ...others,
    ],
  };
};

describe('statusReport', () => {
  it('has a part for each shop, with its name, its id, its budget and all of its streams', () => {
    const lines = report();
    for (const [at, letter] of ['A', 'B', 'C'].entries()) {
      const heading = lines.indexOf(`Sandbox Company Europe ${letter}  shop 749000000000000000${at}, GB`);
      expect(heading).toBeGreaterThan(0);
      expect(lines[heading + 1]).toMatch(new RegExp(`^api  10 of 50 requests/s, 10${at} today`));
      expect(lines[heading + 2]).toMatch(/^STREAM +TOTAL +FRESH TO +LAG +COMPLETE SINCE +LAST SYNC$/);
    }
    expect(
      lines.filter((line) => /^(orders|products|analytics|returns|cancellations|statements) +500 /.test(line)),
    ).toHaveLength(18);
  });

  it.each([40, 60, 80, 120])('keeps every line within %d columns, and loses nothing', (columns) => {
    const lines = report(troubled(), columns);
    for (const line of lines) expect(width(line), line).toBeLessThanOrEqual(columns);
    const flat = (text: readonly string[]): string => text.join(' ').replaceAll(/\s+/g, ' ');
    for (const words of [
      'shopsync auth url',
      'late arrival 3',
      'CANCELLATIONS_DONE 500',
      '61,000 of 100,000',
      'shop 7490000000000000002, GB',
      '1 of 18 streams: products of Sandbox Company Europe A',
    ])
      expect(flat(lines)).toContain(words);
  });

  it('does not part a status from its count', () => {
    for (let columns = 40; columns < 90; columns++)
      for (const line of report(status(), columns))
        expect(line).not.toMatch(/(UNPAID|SHIPMENT|COLLECTION|TRANSIT|DELIVERED|COMPLETED|CANCELLED)$/);
    expect(report(status(), 60).join('\n')).toMatch(
      /UNPAID 812, AWAITING_SHIPMENT 4,210,\n +AWAITING_COLLECTION 1,330/,
    );
  });

  it('does not part a cron pattern', () => {
    const nextRunReason = 'about 42 orders an hour now: every 8 minutes, between the ticks of */15 0-5 * * *';
    for (let columns = 40; columns < 120; columns++)
      expect(report(status({ streams: [stream({ nextRunReason })] }), columns).join('\n')).toContain('*/15 0-5 * * *)');
  });

  it('names the shops that have the same name by their ids as well', () => {
    const [shop] = status().shops;
    const shops = ['1', '2'].map((id) => ({ name: shop?.name ?? '', region: 'GB', id }));
    const lines = report(status({ shops, streams: shops.map(({ id }) => stream({ shop: id })), api: [] }));
    expect(lines).toEqual(expect.arrayContaining(['Demo shop (1)  shop 1, GB', 'Demo shop (2)  shop 2, GB']));
  });

  it.each([
    ['plain', audited(), 'as of 2026-11-22 03:15:10Z: 100,000 of 100,000 orders, 0 stale (5 h ago)'],
    ['waiting', mended({ statement: 'all mended' }), 'all mended (5 h ago)'],
    ['bad', unmended(), 'as of 2026-11-22 03:15:10Z: 10 missing, 7 stale (5 h ago)'],
    ['bad', audited({ ok: false, undecided: 1, statement: 'undecided' }), 'undecided (5 h ago)'],
  ])('tells in %s of the last audit', (meaning, audit, words) => {
    const of = status({ streams: [stream({ audit: lastAudit(audit) })] });
    const lines = statusReport(of, '/run/s.sock', nowMs, (is, text) => `<${is}>${text}`);
    expect(lines.find((line) => line.startsWith('  audit'))).toBe(`  audit      <${meaning}>${words}`);
  });

  it('tells of an audit under way what it compared, and its requests once', () => {
    const run = progress({ kind: 'audit', done: 12, expected: 40, requests: 18, etaSeconds: 2 });
    const line = report(status({ streams: [stream({ run })] })).find((text) => text.startsWith('  run'));
    expect(line).toMatch(/audit +[█░▏▎▍▌▋▊▉]+ 30 % +12 of 40 steps, 18 requests, 2 s left$/);
  });

  it('tells of analytics the last day, and no lag', () => {
    const days = stream({ stream: 'analytics', freshTo: '2026-11-22T00:00:00Z', lagSeconds: 60_000 });
    const line = report(status({ streams: [days] })).find((text) => text.startsWith('analytics'));
    expect(line).toMatch(/^analytics +100,000 +2026-11-21 +by day /);
  });
});
