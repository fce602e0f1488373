import { defineConfig } from 'vitest/config';

// Rules are tested without a page, components with one: *.test.ts and *.test.tsx.
export default defineConfig({
  test: {
    // A busy machine is slow, not wrong.
    testTimeout: 30_000,
    projects: [
      {
        extends: './meet/vite.config.ts',
        test: { name: 'meet', environment: 'node', include: ['meet/src/**/*.test.ts'] },
      },
      {
        extends: './meet/vite.config.ts',
        test: {
          name: 'meet-page',
          environment: 'jsdom',
          css: false,
          setupFiles: ['meet/src/testing/setup.ts'],
          include: ['meet/src/**/*.test.tsx'],
        },
      },
    ],
  },
});
