import { expect, test } from 'vitest';

import { rung } from '../../shared/views.ts';
import { statusReport } from '../../tui/status-report.ts';
import { streamLines } from '../../tui/views/stream-lines.ts';
import { ladderWords } from '../../tui/words.ts';
import { status, stream } from './samples.ts';

const nowMs = Date.parse('2026-11-22T16:01:00Z');
const since = '2026-11-22T15:56:00.000Z';
const reason = 'TikTok timed out inside (code 36009007) at /order/202309/orders/search';

test('rule 10: status says on which rung a stream is, since when, and why', () => {
  const streams = [stream({ ladder: { rung: 'smaller_page', reason, since } })];
  const report = statusReport(status({ streams }), '/run/control.sock', nowMs, (_, text) => text);
  expect(report.find((line) => line.startsWith('  ladder'))).toBe(
    `  ladder     asking for fewer at a time (began 5 min ago): ${reason}.`,
  );
  expect(statusReport(status(), '/run/control.sock', nowMs, (_, text) => text).join('\n')).not.toContain('ladder');
});

test('rule 10: each rung has its own words, and a line of its own on the screen', () => {
  const words = rung.options.map((name) => ladderWords({ rung: name, reason, since }, nowMs));
  expect(new Set(words).size).toBe(rung.options.length);
  const look = { columns: 120, nowMs, nameRoom: 11, indent: 2, isSelected: false };
  const ladder = { rung: 'bisect', reason, since } as const;
  const lines = (['whole', 'failure', 'line'] as const).map((detail) =>
    streamLines(stream({ ladder }), { ...look, detail }).map((line) => line.map(([text]) => text).join('')),
  );
  expect(lines.map((all) => all.filter((text) => text.includes('↻ reading around what fails')).length)).toEqual([
    1, 1, 1,
  ]);
});
