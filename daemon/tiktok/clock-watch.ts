/**
 * How wrong the machine's clock may be before somebody is told, seconds. Behind: windows end by the earlier clock, so the
 * copy lacks that much; up to a minute it is no more than what settles anyway. Ahead: only what is done before the first
 * answer goes by it, and that allows for 5 minutes.
 */
const most = { behind: 60, ahead: 300 } as const;

/** Whether a clock that is so far ahead (seconds, negative: behind) is right enough; one nobody could compare is. */
export const isClockRight = (aheadSeconds: number | null, tolerance = 1): boolean =>
  aheadSeconds === null || (aheadSeconds >= -most.behind * tolerance && aheadSeconds <= most.ahead * tolerance);

/** What a wrong clock means and how it is mended, in words; or that it is right. */
export function clockWords(aheadSeconds: number | null): string {
  if (aheadSeconds === null) return 'not compared with TikTok yet';
  const seconds = Math.abs(aheadSeconds);
  if (isClockRight(aheadSeconds))
    return seconds <= 1 ? 'agrees with TikTok' : `${seconds} s ${aheadSeconds < 0 ? 'behind' : 'ahead of'} TikTok’s`;
  return aheadSeconds < 0
    ? `this machine’s clock is ${seconds} s behind TikTok’s: orders of the last ${seconds} s are not read until it is set; timedatectl set-ntp true`
    : `this machine’s clock is ${seconds} s ahead of TikTok’s: nothing is lost, but the schedule and the times that are recorded are off by as much until it is set; timedatectl set-ntp true`;
}

/** Tells once when the machine's clock begins to be wrong, and once when it is right again, however many answers say so. */
export class ClockWatch {
  readonly #aheadSeconds: () => number | null;
  readonly #warn: (message: string) => void;
  #told = false;

  constructor(aheadSeconds: () => number | null, warn: (message: string) => void) {
    this.#aheadSeconds = aheadSeconds;
    this.#warn = warn;
  }

  /** To be called after each answer. */
  check(): void {
    const ahead = this.#aheadSeconds();
    // Right again only within half of what is allowed: a clock at the edge would be told of at every answer.
    if (isClockRight(ahead, this.#told ? 0.5 : 1) !== this.#told) return;
    this.#told = !this.#told;
    this.#warn(this.#told ? clockWords(ahead) : 'this machine’s clock is right again');
  }
}
