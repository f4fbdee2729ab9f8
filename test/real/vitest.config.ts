import { defineConfig } from 'vitest/config';
import { createProgressReporter } from '../reporter/progress-reporter.ts';

/** What measures load or time, or builds this clone: each of these files has the machine to itself, after all others. */
const ALONE = [
  'contributing',
  'k6',
  'kill',
  'kill-dependencies',
  'nginx-balancer',
  'operator',
  'packages',
  'refresh-race',
  'restart-behind-nginx',
  'rollback-times',
].map((name) => `**/${name}.test.ts`);

const shared = { testTimeout: 180_000, hookTimeout: 120_000 };

/** The suite that runs real programs of the system, separate from the tests that need only Node. */
export default defineConfig({
  root: import.meta.dirname,
  test: {
    reporters: ['minimal', createProgressReporter()],
    projects: [
      {
        test: {
          ...shared,
          name: 'real',
          include: ['**/*.test.ts'],
          exclude: ALONE,
          // Most of them wait for other programs: two at a time halve the wait.
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          ...shared,
          name: 'alone',
          include: ALONE,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
