const DAY = 86_400;

/** The day that an instant (unix seconds) falls on in a zone `utcOffset` seconds ahead of UTC, as days since 1970. */
export const dayOf = (time: number, utcOffset: number): number => Math.floor((time + utcOffset) / DAY);

/** When a local day begins, unix seconds. */
export const beginOf = (day: number, utcOffset: number): number => day * DAY - utcOffset;

/** `YYYY-MM-DD`. */
export const dateOf = (day: number): string => new Date(day * DAY * 1000).toISOString().slice(0, 10);

/** The day of a `YYYY-MM-DD`, or undefined for text that names no day. */
export function dayOfDate(text: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return undefined;
  const day = Date.parse(`${text}T00:00:00Z`) / (DAY * 1000);
  return Number.isInteger(day) && dateOf(day) === text ? day : undefined;
}
