/** One thing that was looked at. */
export interface Finding {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  /** What to do about one that is not ok. */
  readonly cure?: string;
}

export const good = (name: string, detail: string): Finding => ({ name, ok: true, detail });

/** `cure` undefined: the detail says it. */
export const bad = (name: string, detail: string, cure?: string): Finding => ({
  name,
  ok: false,
  detail,
  ...(cure !== undefined && { cure }),
});
