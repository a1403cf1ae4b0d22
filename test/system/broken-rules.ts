/**
 * A slip that a tired engineer could make, and that breaks one rule of the engine. `line` is one whole line of the file
 * without its indentation and stands there exactly once; `becomes` takes its place.
 */
export interface Break {
  /** 1 to 16. */
  readonly rule: number;
  readonly when: string;
  readonly file: string;
  readonly line: string;
  readonly becomes: string;
  /** Files with tests that bear the rule in their names, at least one of which then fails. */
  readonly tests: readonly string[];
}

/** At least one for each rule. A line that has moved on is replaced here by what now carries the rule. */
export const breaks: readonly Break[] = [
  {
    rule: 1,
    when: 'each statement of a page commits alone',
    file: 'daemon/store/store.ts',
    line: 'return await this.#orm.em.fork().transactional(async (em) => {',
    becomes: 'return await Promise.resolve(this.#orm.em.fork()).then(async (em) => {',
    tests: ['test/daemon/store/page.test.ts'],
  },
  {
    rule: 2,
    when: 'coverage forgets the overlap',
    file: 'daemon/sync/plan.ts',
    line: 'const to = Math.min(read.to, Math.floor(sentAt) - stripOf(policy));',
    becomes: 'const to = Math.min(read.to, Math.floor(sentAt) - policy.settle);',
    tests: ['test/daemon/sync/rules-1-5.test.ts'],
  },
  {
    rule: 3,
    when: 'what was asked last wins, however old it is',
    file: 'daemon/store/record-table.ts',
    line: 'const newerWins = sql`${acceptable} and (${theirs(time)} > ${mine(time)}',
    becomes: "const newerWins = sql`${acceptable} and (${theirs('asked')} > ${mine('asked')}",
    tests: ['test/daemon/store/orders.test.ts'],
  },
  {
    rule: 4,
    when: 'blank personal fields replace filled ones',
    file: 'daemon/store/orders.ts',
    line: 'refuses: sql`excluded.update_time = orders.update_time and excluded.personal < orders.personal`,',
    becomes: '',
    tests: ['test/daemon/store/orders.test.ts'],
  },
  {
    rule: 5,
    when: 'a record that did not change is written',
    file: 'daemon/store/record-table.ts',
    line: "const acceptable = sql`excluded.asked >= ${mine('confirmed_asked')} and (${isNews})",
    becomes: "const acceptable = sql`excluded.asked >= ${mine('confirmed_asked')}",
    tests: ['test/daemon/store/orders.test.ts'],
  },
  {
    rule: 6,
    when: 'windows end some minutes ahead, to be on the safe side',
    file: 'daemon/sync/plan.ts',
    line: 'export const windowEnd = (serverNow: number): number => Math.floor(serverNow) + 2;',
    becomes: 'export const windowEnd = (serverNow: number): number => Math.floor(serverNow) + 300;',
    tests: ['test/daemon/sync/rules-6-13.test.ts'],
  },
  {
    rule: 7,
    when: 'the watermark moves past a gap',
    file: 'daemon/store/state.ts',
    line: 'if (gaps({ from: before.liveStart, to: proves.strip }, covered).length > 0) return before.watermark;',
    becomes: 'if (covered.length === 0) return before.watermark;',
    tests: ['test/daemon/store/store.test.ts'],
  },
  {
    rule: 8,
    when: 'nobody joins a run under way',
    file: 'daemon/sync/stream-sync.ts',
    line: 'const running = this.#active.get(kind);',
    becomes: 'const running = undefined;',
    tests: ['test/daemon/sync/rules-6-13.test.ts'],
  },
  {
    rule: 9,
    when: 'each tick of the schedule asks again what only a person can mend',
    file: 'daemon/sync/stream-sync.ts',
    line: 'if (this.#retries.holdsBack) return;',
    becomes: '',
    tests: ['test/daemon/sync/engine.test.ts'],
  },
  {
    rule: 9,
    when: 'a token that expired is taken for a passing failure',
    file: 'daemon/tiktok/codes.ts',
    line: "{ codes: [105002], class: 'token', reaction: 'refresh-token', words: 'the access token expired', hint: AUTHORIZE },",
    becomes:
      "{ codes: [105002], class: 'transient', reaction: 'retry', words: 'the access token expired', hint: AUTHORIZE },",
    tests: ['test/daemon/tiktok/taxonomy.test.ts'],
  },
  {
    rule: 10,
    when: 'metadata without rows is taken at its word',
    file: 'daemon/sync/contradictions.ts',
    line: "if (metadata.lastRecordTime !== null && storedRows === 0) return 'records were synced, and none is stored';",
    becomes: '',
    tests: ['test/daemon/sync/ladder.test.ts'],
  },
  {
    rule: 10,
    when: 'a broken connection is answered by smaller pages',
    file: 'daemon/sync/ladder.ts',
    line: "error instanceof AppError && error.class === 'transient' && (!(error instanceof Unreachable) || error.isTooMuch);",
    becomes: "error instanceof AppError && error.class === 'transient';",
    tests: ['test/daemon/sync/climb.test.ts'],
  },
  {
    rule: 11,
    when: 'a walker remembers every page of its window',
    file: 'daemon/streams/cursor-stream.ts',
    line: 'brought = note(spec, new Map(), answer);',
    becomes: 'brought = note(spec, brought, answer);',
    tests: ['test/daemon/sync/rules-11-12.test.ts'],
  },
  {
    rule: 11,
    when: 'every change of a run is kept for watchers that come back',
    file: 'daemon/rpc/journal.ts',
    line: 'if (this.#runs.length > keptRuns) this.#runs.shift();',
    becomes: '',
    tests: ['test/daemon/rpc/journal.test.ts'],
  },
  {
    rule: 12,
    when: 'what is read by id always counts as the newest',
    file: 'daemon/sync/run.ts',
    line: 'for (const [ids, settles] of [[pending.doubts, true] as const, [pending.rejected, false] as const])',
    becomes: 'for (const [ids, settles] of [[pending.doubts, true] as const, [pending.rejected, true] as const])',
    tests: ['test/daemon/sync/rules-11-12.test.ts'],
  },
  {
    rule: 13,
    when: 'what the API does not show is deleted',
    file: 'daemon/store/page.ts',
    line: 'await postpone(db, shop, stream, page.absent ?? [], page.asked);',
    becomes: "await db.deleteFrom('orders').where('id', 'in', page.absent ?? []).execute();",
    tests: ['test/daemon/sync/rules-6-13.test.ts'],
  },
  {
    rule: 14,
    when: 'the overlap widens only after it was used up',
    file: 'daemon/store/watch.ts',
    line: 'if (used * 2 >= overlap && overlap < mostOverlap) {',
    becomes: 'if (used >= overlap && overlap < mostOverlap) {',
    tests: ['test/daemon/sync/watched.test.ts'],
  },
  {
    rule: 15,
    when: 'an earlier sync.since is not noticed',
    file: 'daemon/store/store.ts',
    line: 'else if (known.since !== first.since)',
    becomes: 'else if (known.since < first.since)',
    tests: ['test/daemon/sync/since.test.ts'],
  },
  {
    rule: 16,
    when: 'only the first status of an order is kept',
    file: 'daemon/store/orders.ts',
    line: 'return was === undefined || was.time !== r.updateTime || was.also.status !== r.status;',
    becomes: 'return was === undefined;',
    tests: ['test/daemon/store/orders.test.ts'],
  },
];

/** @throws Error when the line does not stand exactly once in the source. */
export function breakLine(source: string, { file, line, becomes }: Break): string {
  const lines = source.split('\n');
  const at = lines.flatMap((text, i) => (text.trim() === line ? [i] : []));
  const [only] = at;
  if (only === undefined || at.length > 1)
    throw new Error(
      `${file} has ${at.length} lines \`${line}\`: put the line that now carries the rule into test/system/broken-rules.ts`,
    );
  return lines.with(only, becomes).join('\n');
}
