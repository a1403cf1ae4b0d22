import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/**/*.test.{ts,tsx}'],
    // Real mounts and real time: `npm run test:system`.
    exclude: ['test/system/**'],
    maxWorkers: 2,
    // Files of a worker share what they import, which saves a fifth of the time; none may leave a trace in it.
    isolate: false,
    testTimeout: 20_000,
    hookTimeout: 20_000,
    // Programs under test decide for themselves what a terminal is; CI=true would blank the screen.
    env: { CI: '', NO_COLOR: '' },
  },
});
