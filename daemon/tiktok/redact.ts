const LONGEST = 300;

/**
 * Text of the other side, fit for an error or a log line: no secret that may be echoed in it, no control characters,
 * at most 300 characters.
 */
export function redact(text: string, secrets: Iterable<string | undefined>): string {
  let clean = text;
  // The longest first: one may be the beginning of another.
  const longestFirst = [...secrets].filter((secret) => secret !== undefined).toSorted((a, b) => b.length - a.length);
  for (const secret of longestFirst) {
    if (secret === '') continue;
    clean = clean.replaceAll(secret, '***').replaceAll(encodeURIComponent(secret), '***');
  }
  clean = clean.replaceAll(/\p{Cc}+/gu, ' ').trim();
  return clean.length > LONGEST ? `${clean.slice(0, LONGEST)}…` : clean;
}
