import type { Span } from '../spans.ts';
import { search } from './cursor-search.ts';
import { readSecond } from './cursor-second.ts';
import type { CursorSpec } from './cursor-spec.ts';
import type { Page, ReadContext } from './stream.ts';

/**
 * Reads a span from an API that does not sort: halves it until each part fits on a page, oldest part first, so that
 * what is covered only moves forward.
 */
export async function* bisect<R>(
  spec: CursorSpec<R>,
  span: Span,
  context: ReadContext,
): AsyncGenerator<Page<R>, void, undefined> {
  const { records, rejected, sentAt, asked, next } = await search(
    spec,
    { from: span.from, to: span.to, by: 'time' },
    context,
  );
  const page = { records, rejected, sentAt, asked, from: span.from };
  if (next === undefined) {
    yield { ...page, coveredTo: span.to };
    return;
  }
  yield page;
  if (span.to - span.from === 1) {
    yield* readSecond(spec, span.from, new Map(), context);
    return;
  }
  const middle = span.from + Math.floor((span.to - span.from) / 2);
  yield* bisect(spec, { from: span.from, to: middle }, context);
  yield* bisect(spec, { from: middle, to: span.to }, context);
}
