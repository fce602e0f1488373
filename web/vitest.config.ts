import { defineConfig } from 'vitest/config';

// A busy machine is slow, not wrong. Each project needs to be told.
const testTimeout = 30_000;

// Rules are tested without a page, components with one: *.test.ts and *.test.tsx.
export default defineConfig({
  test: {
    projects: [
      {
        extends: './meet/vite.config.ts',
        test: {
          name: 'meet',
          environment: 'node',
          testTimeout,
          include: ['meet/src/**/*.test.ts'],
        },
      },
      {
        extends: './meet/vite.config.ts',
        test: {
          name: 'meet-page',
          environment: 'jsdom',
          testTimeout,
          css: false,
          setupFiles: ['meet/src/testing/setup.ts'],
          include: ['meet/src/**/*.test.tsx'],
        },
      },
    ],
  },
});
