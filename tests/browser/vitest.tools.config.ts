import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['bench/*.bench.ts', 'pictures/*.picture.ts'],
    globalSetup: ['support/global.ts'],
    testTimeout: 300_000,
  },
});
