import { defineConfig } from 'vitest/config';

/** The tier with real processes, real mounts and quantities under measure: one file at a time, so that none disturbs another. */
export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/system/**/*.test.ts'],
    maxWorkers: 1,
    fileParallelism: false,
    testTimeout: 240_000,
    hookTimeout: 20_000,
    env: { CI: '', NO_COLOR: '' },
  },
});
