const plain = (word: string): string => word.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');

/** Longer words are no slips of the finger, and comparing them costs the product of their lengths. */
const longest = 64;

/**
 * The candidate that somebody who wrote `word` most likely meant, undefined when none is near: spelt alike but for case,
 * `_`, `-` and `.`, begun alike (`full` for `fullResync`), or a few letters wrong, swapped, missing or too many.
 */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const meant = plain(word);
  if (meant.length < 2 || meant.length > longest) return undefined;
  const same = candidates.find((candidate) => plain(candidate) === meant);
  if (same !== undefined) return same;
  const most = meant.length < 4 ? 1 : Math.floor(meant.length / 3);
  const [best] = candidates
    .map((candidate) => ({ candidate, slips: slips(meant, plain(candidate)) }))
    .filter((one) => one.slips <= most)
    .toSorted((a, b) => a.slips - b.slips);
  return best?.candidate ?? candidates.find((candidate) => meant.length >= 3 && plain(candidate).startsWith(meant));
}

/** The same as the end of a sentence: `; did you mean "sync"?`, or nothing. */
export function meant(word: unknown, candidates: readonly string[]): string {
  const name = typeof word === 'string' ? nearest(word, candidates) : undefined;
  return name === undefined ? '' : `; did you mean ${JSON.stringify(name)}?`;
}

/** Letters to change, add, take away or swap with their neighbour until `a` is `b`. */
function slips(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > a.length) return Number.POSITIVE_INFINITY;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1];
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(
        Math.min(
          (last[j] ?? 0) + 1,
          (row[j - 1] ?? 0) + 1,
          (last[j - 1] ?? 0) + (isSame ? 0 : 1),
          isSwapped ? (beforeLast[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}
