const milliseconds: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Reads `20s`, `5m`, `45d` (an integer with `ms`, `s`, `m`, `h` or `d`) as milliseconds; anything else is undefined. */
export function parseDuration(text: string): number | undefined {
  const [, digits, unit] = /^(\d{1,15})(ms|s|m|h|d)$/.exec(text) ?? [];
  const scale = unit === undefined ? undefined : milliseconds[unit];
  if (scale === undefined) return undefined;
  const value = Number(digits) * scale;
  return Number.isSafeInteger(value) ? value : undefined;
}
