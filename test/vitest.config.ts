import { existsSync, readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { defineConfig } from 'vitest/config';
import { createProgressReporter } from './reporter/progress-reporter.ts';

const root = resolve(import.meta.dirname, '..');
const packages = readdirSync(resolve(root, 'packages')).filter((name) =>
  existsSync(resolve(root, 'packages', name, 'package.json')),
);

/** Tests import a sibling's sources, never its last build. The others are Vitest's own. */
export const conditions = ['@crossfade/source', 'node', 'development|production'];

export default defineConfig({
  root,
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    reporters: ['minimal', createProgressReporter()],
    // By default vitest leaves one core to itself: half of a small machine.
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 20_000,
    // The AWS SDK's warning on Node 20, once for each worker: the README says it.
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    coverage: {
      provider: 'v8',
      include: ['packages/core/src/**'],
      exclude: ['packages/core/src/index.ts'],
      reporter: ['text-summary'],
      thresholds: { 100: true },
    },
    projects: [
      // The files of a package share a worker's modules: to import them once a file takes longer than to run the tests.
      ...packages.map((name) => ({
        extends: true as const,
        test: { name, root: resolve(root, 'packages', name), include: ['test/**/*.test.ts'], isolate: false },
      })),
      {
        extends: true as const,
        test: {
          name: 'house',
          root: resolve(root, 'test'),
          include: ['**/*.test.ts'],
          exclude: ['real/**', 'node_modules/**', 'dist/**'],
          testTimeout: 120_000,
        },
      },
      {
        extends: true as const,
        test: {
          name: 'load',
          root: resolve(root, 'load'),
          include: ['**/*.test.ts'],
          exclude: ['node_modules/**', 'dist/**'],
        },
      },
    ],
  },
});
