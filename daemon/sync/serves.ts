import { AppError } from '../errors.ts';
import type { Span } from '../spans.ts';
import type { Ask } from './planner.ts';

/**
 * A run under way serves whoever asks for the same; a span is the same only if it lies within the one being read.
 * @throws AppError `busy`.
 */
export function assertServes({ span, runId }: { readonly span: Span; readonly runId: string }, ask: Ask): void {
  if (ask.what !== 'span' || (span.from <= ask.span.from && ask.span.to <= span.to)) return;
  throw new AppError('usage', 'busy', `run ${runId} is re-reading another span`, {
    hint: 'ask again when it has ended, or cancel it',
  });
}
