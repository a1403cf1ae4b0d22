/**
 * Positions in the order of asking: milliseconds of the local clock, but always greater than the one before and than
 * any that was ever stored, so that a clock set back cannot make new answers look old.
 */
export function createAsked(last: number, now: () => number): () => number {
  let position = last;
  return () => {
    position = Math.max(position + 1, now());
    return position;
  };
}
