import type { Audited } from '../shared/run-views.ts';
import type { StreamStatus } from '../shared/views.ts';
import { ago, amount, number } from './format.ts';
import type { Meaning } from './theme.ts';

type LastAudit = NonNullable<StreamStatus['audit']>;

/** The last audit of a stream. A daemon that still runs from before an upgrade may know of none. */
export const lastAuditOf = ({ audit }: { readonly audit?: LastAudit | null }): LastAudit | null => audit ?? null;

/** Whether anything was not as at TikTok when the audit looked, mended since or not. */
export const foundDrift = ({ drifted, missing, stale, onlyLocal, undecided }: Audited): boolean =>
  drifted + missing + stale + onlyLocal + undecided > 0;

/** Whether something is not as at TikTok when the audit ends, or was not compared. What is only here does not count. */
export const leftDrift = ({ ok }: Audited): boolean => !ok;

/** `waiting` for what was found and mended, `bad` for what is still so. */
export const auditMeaning = (audit: Audited): Meaning =>
  leftDrift(audit) ? 'bad' : foundDrift(audit) ? 'waiting' : 'plain';

/** What was found: `3 of 32 spans drifted, 3 repaired: 10 missing, 10 stale`. */
export const auditNumbers = (audit: Audited): string => {
  const { compared, drifted, repaired, missing, stale, onlyLocal, future, undecided } = audit;
  const found = [
    ...(missing > 0 ? [`${number(missing)} missing`] : []),
    ...(stale > 0 ? [`${number(stale)} stale`] : []),
    ...(onlyLocal > 0 ? [`${number(onlyLocal)} only here`] : []),
    ...(future > 0 ? [`${number(future)} with an update time in the future`] : []),
    ...(undecided > 0 ? [`${amount(undecided, 'span')} undecided`] : []),
  ];
  const spans = `${number(drifted)} of ${amount(compared, 'span')} drifted, ${number(repaired)} repaired`;
  return [spans, ...(found.length === 0 ? [] : [found.join(', ')])].join(': ');
};

/** A statement without its moment, for where that stands already. */
export const withoutMoment = (statement: string): string => statement.replace(/^as of \S+( \d\d:\S+)?: /, '');

/** The same for a line of the screen, where the age has to do for the moment: `audited 5 h ago: 100 of 100 orders, 0 stale`. */
export const auditedWords = ({ statement, at }: LastAudit, nowMs: number): string =>
  `audited ${ago(at, nowMs)}: ${withoutMoment(statement)}`;

/** The result of the last audit and its age. `nowMs` is in unix milliseconds. */
export const lastAuditWords = ({ statement, at }: LastAudit, nowMs: number): string =>
  `${statement} (${ago(at, nowMs)})`;
