import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    setupFiles: ['support/setup.ts'],
    // Each file has a server of its own. A native client library lives in some of them: processes,
    // not threads, and no more of them than there are cores to carry the media.
    pool: 'forks',
    poolOptions: { forks: { maxForks: 2 } },
    // A busy machine is slow, not wrong.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    teardownTimeout: 20_000,
  },
});
