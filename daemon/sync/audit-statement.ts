import type { Audited } from '../../shared/run-views.ts';

/** What a statement is made of. */
export interface Result extends Omit<Audited, 'asOf' | 'statement' | 'ok' | 'whole'> {
  /** What was compared, unix seconds. */
  readonly span: { readonly from: number; readonly to: number };
  /** Whether everything since the configured day was compared. */
  readonly isWhole: boolean;
  readonly repair: boolean;
  /** Records that are stale when it ends. */
  readonly left: number;
  /** Whether it ended before everything that differs was gone after. */
  readonly isCut: boolean;
}

/**
 * The result in words: "as of 2026-11-22 03:15:10Z: 102,068 of 102,068 orders, 0 stale".
 * @param noun what the records are called, in the plural.
 */
export function statementOf(result: Result, noun: string): string {
  const { span, repair, missing, stale, left, onlyLocal, future, undecided } = result;
  const drift = missing + (repair ? stale - left : stale);
  const notes = [
    ...(drift === 0
      ? []
      : [repair ? mended(missing, stale - left) : `${words(missing)} missing, nothing was repaired`]),
    ...(onlyLocal === 0 ? [] : [`${words(onlyLocal)} only here, kept`]),
    ...(future === 0 ? [] : [`${words(future)} with an update time in the future`]),
    ...(undecided === 0 ? [] : [`${plural(undecided, 'span')} differed without a record to tell why`]),
    ...(result.isCut ? ['not everything that differs was gone after: audit again'] : []),
    ...(result.isWhole ? [] : [`compared since ${moment(span.from)}, what is older is not read yet`]),
  ];
  const counted = `${words(result.stored)} of ${words(result.remote)} ${noun}, ${words(left)} stale`;
  return [`as of ${moment(span.to)}: ${counted}`, ...notes].join('; ');
}

const mended = (missing: number, stale: number): string =>
  [...(missing === 0 ? [] : [`${words(missing)} missing`]), ...(stale === 0 ? [] : [`${words(stale)} stale`])].join(
    ' and ',
  ) + (missing + stale === 1 ? ' was found and mended' : ' were found and mended');

const words = (count: number): string => count.toLocaleString('en-US');

const plural = (count: number, noun: string): string => `${words(count)} ${noun}${count === 1 ? '' : 's'}`;

/** `2026-11-22 03:15:10Z`. */
const moment = (seconds: number): string =>
  new Date(seconds * 1000).toISOString().replace('T', ' ').replace('.000Z', 'Z');
