/** Our own moments as the tables hold them: `2026-11-22 09:30:00.000`, UTC, sortable, read by sqlite3's date functions. */
export const toDatetime = (ms: number): string => new Date(ms).toISOString().replace('T', ' ').replace('Z', '');

/** The way back, in milliseconds since 1970. */
export const fromDatetime = (text: string): number => Date.parse(`${text.replace(' ', 'T')}Z`);

/** A DATETIME column as clients see it: ISO 8601 UTC. */
export const datetimeToIso = (text: string): string => new Date(fromDatetime(text)).toISOString();

/** API time (unix seconds) as clients see it: ISO 8601 UTC. */
export const secondsToIso = (seconds: number): string => new Date(seconds * 1000).toISOString();
