import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Keys, TLS and real processes: a test may wait long on a busy machine, but none sleeps.
    testTimeout: 20_000,
    hookTimeout: 30_000,
  },
});
