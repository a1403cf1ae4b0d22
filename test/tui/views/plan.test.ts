import { expect, it } from 'vitest';

import { type Count, countRows } from '../../../tui/views/counts.tsx';
import { planDashboard } from '../../../tui/views/plan.ts';
import { streamRows } from '../../../tui/views/streams.tsx';
import { failure, progress, stream } from '../samples.ts';

const counts: readonly Count[] = Array.from({ length: 9 }, (_, at) => [`AWAITING_STATUS_${at}`, at * 1000]);
const kinds = [stream({ run: progress() }), stream({ lastError: failure() }), stream()];

it('never takes more lines than there are, from the smallest body to a large one', () => {
  for (let rows = 9; rows <= 70; rows++) {
    for (let many = 0; many <= 12; many++) {
      const streams = Array.from({ length: many }, (_, at) => kinds[at % kinds.length] ?? stream());
      const { shown, tall, hidden, look, gap, runRows } = planDashboard(streams, counts, 80, rows);
      expect(shown.length + hidden).toBe(many);
      const used = shown.reduce((sum, one) => sum + streamRows(one, tall), 0) + (hidden > 0 || many === 0 ? 1 : 0);
      const titles = 4;
      expect(used + countRows(counts, 80, look) + runRows + titles + 3 * gap, `${many} in ${rows}`).toBeLessThanOrEqual(
        rows,
      );
    }
  }
});

it('shows everything whole where there is room', () => {
  const { shown, tall, look } = planDashboard(kinds, counts, 120, 40);
  expect([shown.length, tall, look]).toEqual([3, true, 'bars']);
});
