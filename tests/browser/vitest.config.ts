import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['*/*.test.ts'],
    globalSetup: ['support/global.ts'],
    // Two files at a time: they share one browser, and calls are mostly waiting.
    pool: 'forks',
    poolOptions: { forks: { minForks: 2, maxForks: 2, isolate: false } },
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 30_000, interval: 50 } },
  },
});
