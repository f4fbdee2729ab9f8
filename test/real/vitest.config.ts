import { defineConfig } from 'vitest/config';
import { createProgressReporter } from '../reporter/progress-reporter.ts';

/** The suite that runs real programs of the system, separate from the tests that need only Node. */
export default defineConfig({
  root: import.meta.dirname,
  test: {
    reporters: ['minimal', createProgressReporter()],
    name: 'real',
    include: ['**/*.test.ts'],
    testTimeout: 180_000,
    hookTimeout: 120_000,
    fileParallelism: false,
  },
});
