/** A value as it was given, before it is checked. */
export interface Given {
  readonly value: unknown;
  /** For people: `/etc/shopsync/shopsync.toml:12` or `SHOPSYNC_API_TIMEOUT`. */
  readonly origin: string;
  /** What a relative path counts from. */
  readonly folder: string;
}

/** What one source (the file, the environment) gives, by `section.key`, and what is wrong or odd about it. */
export interface Source {
  readonly given: ReadonlyMap<string, Given>;
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

export const nothing: Source = { given: new Map(), problems: [], warnings: [] };
