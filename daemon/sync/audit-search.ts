import type { Span } from '../spans.ts';

/** A span whose records were counted on both sides. */
export interface Counted {
  readonly span: Span;
  readonly remote: number;
  readonly local: number;
}

export interface SearchTools {
  readonly pageSize: number;
  /** One request. */
  readonly remote: (span: Span) => Promise<number>;
  readonly local: (span: Span) => Promise<number>;
  /** The time that parts the stored rows of a span in halves, unix seconds. */
  readonly middle: (span: Span) => Promise<number | undefined>;
  /** Reads a span whole. */
  readonly read: (span: Span) => Promise<void>;
  readonly mayAsk: () => boolean;
}

const mostPages = 4;

/**
 * Finds where the counts of a span differ and reads there. One request halves a span, the other half follows by
 * subtraction. Read is what fits on twice as many pages as records differ, or where most of the records differ; a longer
 * span is halved first all the same, because what is missing often lies side by side.
 * @param wants whether a difference (remote − local) is worth going after.
 */
export async function search(
  counted: Counted,
  wants: (difference: number) => boolean,
  tools: SearchTools,
): Promise<void> {
  const { span, remote, local } = counted;
  const difference = remote - local;
  if (!wants(difference) || !tools.mayAsk()) return;
  const size = Math.abs(difference);
  const isCheap = Math.ceil(remote / tools.pageSize) <= Math.min(2 * size, mostPages);
  if (isCheap || 2 * size >= remote || span.to - span.from === 1) return tools.read(span);
  const edge = await edgeOf(counted, tools);
  const first = { from: span.from, to: edge };
  const second = { from: edge, to: span.to };
  const inFirst = await tools.remote(first);
  const inSecond = Math.max(0, remote - inFirst);
  await search({ span: first, remote: inFirst, local: await tools.local(first) }, wants, tools);
  await search({ span: second, remote: inSecond, local: await tools.local(second) }, wants, tools);
}

/** By rows, unless so much is missing that the rows say nothing of where the records lie. */
async function edgeOf({ span, remote, local }: Counted, tools: SearchTools): Promise<number> {
  const half = Math.floor((span.from + span.to) / 2);
  const byRows = local * 2 < remote ? undefined : await tools.middle(span);
  return Math.min(Math.max(byRows ?? half, span.from + 1), span.to - 1);
}
