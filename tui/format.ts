/** 1234567 as `1,234,567`. Not by Intl, which costs a plain command 10 ms before it has said a word. */
export const number = (value: number): string => String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',');

/** A count and what it counts, in the singular given: `1 request`, `2,000 requests`. */
export const amount = (value: number, one: string): string => `${number(value)} ${one}${value === 1 ? '' : 's'}`;

/** A count in at most `room` cells: in full while it fits, else `1.2M`. */
export const short = (value: number, room: number): string => {
  const full = number(value);
  if (full.length <= room) return full;
  const [size, unit] = value >= 1e9 ? [1e9, 'G'] : value >= 1e6 ? [1e6, 'M'] : [1e3, 'k'];
  const scaled = value / size;
  const tenths = `${(Math.floor(scaled * 10) / 10).toFixed(1)}${unit}`;
  return tenths.length <= room ? tenths : `${Math.floor(scaled)}${unit}`;
};

/** A rate per second: one decimal below 10. */
export const rate = (perSecond: number): string =>
  perSecond >= 9.95 ? number(perSecond) : String(Math.round(perSecond * 10) / 10);

/** Bytes in powers of 1000: `412 MB`. */
export const bytes = (value: number): string => {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, value < 1000 ? 0 : Math.floor(Math.log10(value) / 3));
  const scaled = value / 1000 ** power;
  return `${scaled >= 10 || power === 0 ? Math.round(scaled) : scaled.toFixed(1)} ${units[power]}`;
};

const units = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
  ['s', 1],
] as const;

/** A span of seconds in at most `parts` units, rounded down: `3 h 12 min`. */
export const duration = (seconds: number, parts: 1 | 2 = 2): string => {
  let rest = Math.max(0, Math.floor(seconds));
  const words: string[] = [];
  for (const [unit, size] of units) {
    const amount = Math.floor(rest / size);
    rest -= amount * size;
    if (amount > 0) words.push(`${amount} ${unit}`);
    else if (words.length > 0) break;
    if (words.length === parts) break;
  }
  return words.join(' ') || '0 s';
};

const secondsSince = (iso: string, nowMs: number): number => (nowMs - Date.parse(iso)) / 1000;

/** How long an instant lies back, in one unit: `3 min ago`. `nowMs` is in unix milliseconds. */
export const ago = (iso: string, nowMs: number): string => {
  const seconds = secondsSince(iso, nowMs);
  return seconds < 1 ? 'just now' : `${duration(seconds, 1)} ago`;
};

/** How long until an instant: `in 4 min 12 s`, or `now` when it has passed. `nowMs` is in unix milliseconds. */
export const until = (iso: string, nowMs: number, parts: 1 | 2 = 2): string => {
  const seconds = -secondsSince(iso, nowMs);
  return seconds < 1 ? 'now' : `in ${duration(Math.ceil(seconds), parts)}`;
};

/** The time between two instants, or up to `nowMs` (unix milliseconds) while the second is open. */
export const took = (from: string, to: string | null, nowMs: number): string =>
  duration(((to === null ? nowMs : Date.parse(to)) - Date.parse(from)) / 1000);

/** An instant in UTC, to the minute: `2026-11-22 09:41Z`. */
export const instant = (iso: string): string => `${iso.slice(0, 16).replace('T', ' ')}Z`;

/** An instant in UTC, as short as its distance allows: the time on the same day, the date before it. */
export const brief = (iso: string, nowMs: number): string =>
  new Date(nowMs).toISOString().startsWith(iso.slice(0, 10)) ? `${iso.slice(11, 16)}Z` : iso.slice(0, 10);

/** Whole percent, rounded down, so that 100 is said only when nothing is left. */
export const percent = (done: number, expected: number): string =>
  `${expected === 0 ? 100 : Math.floor((done / expected) * 100)} %`;

const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** A bar of `room` cells, filled to `fraction` (0 to 1) in steps of an eighth of a cell. */
export const bar = (fraction: number, room: number): string => {
  const steps = Math.floor(Math.min(1, Math.max(0, fraction)) * room * 8);
  const filled = '█'.repeat(Math.floor(steps / 8)) + (eighths[steps % 8] ?? '');
  return filled + '░'.repeat(Math.max(0, room - filled.length));
};
