import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['*/*.test.ts'],
    globalSetup: ['support/global.ts'],
    // The files share one browser and two cores: one after the other is the fastest way.
    fileParallelism: false,
    isolate: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 15_000, interval: 50 } },
  },
});
