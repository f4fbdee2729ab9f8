import { resolve } from 'node:path';
import { defineConfig } from 'vitest/config';
import { createProgressReporter } from '../reporter/progress-reporter.ts';
import { conditions } from '../vitest.config.ts';

const root = resolve(import.meta.dirname, '../..');

interface LongRun {
  readonly name: string;
  /** Relative to the repository's root. */
  readonly file: string;
  /** Makes the run long. Without it the same file is the short form, which `npm test` runs. */
  readonly env: Readonly<Record<string, string>>;
}

const RUNS: readonly LongRun[] = [
  { name: 'model', file: 'test/model/model.test.ts', env: { CROSSFADE_MODEL_WORLDS: 'all' } },
  { name: 'buckets', file: 'packages/selector/test/bucket-of.test.ts', env: { CROSSFADE_BUCKET_KEYS: '1000000' } },
  { name: 'convergence', file: 'test/faults/convergence.test.ts', env: { CROSSFADE_CONVERGENCE: '15x100' } },
  {
    name: 'counting',
    file: 'packages/sidecar/test/counting-run.test.ts',
    env: { CROSSFADE_COUNTED_REQUESTS: '1000000' },
  },
  {
    name: 'collecting',
    file: 'packages/sidecar/test/collect/collecting-run.test.ts',
    env: { CROSSFADE_COLLECTED_RECORDS: '2000000' },
  },
  { name: 'shutdown', file: 'packages/sidecar/test/shutdown.test.ts', env: { CROSSFADE_STOPS: '20' } },
  {
    name: 'silent-issuer',
    file: 'packages/sidecar/test/silent-issuer-run.test.ts',
    env: { CROSSFADE_SILENT_SECONDS: '100' },
  },
  {
    name: 'rule-histories',
    file: 'test/rule-histories/rule-histories.test.ts',
    env: { CROSSFADE_RULE_HISTORIES: '10000' },
  },
  // These need Prometheus and nginx, as `npm run test:real` does.
  {
    name: 'promtool-histories',
    file: 'test/real/prometheus/rule-histories.test.ts',
    env: { CROSSFADE_PROMTOOL_HISTORIES: '240' },
  },
  {
    name: 'rollbacks',
    file: 'test/real/operator/rollback-times.test.ts',
    env: { CROSSFADE_ROLLBACKS: '50', CROSSFADE_CLOSES: '3' },
  },
  { name: 'restarts', file: 'test/real/proxy/restart-behind-nginx.test.ts', env: { CROSSFADE_STOPS: '20' } },
  { name: 'memory', file: 'packages/sidecar/test/memory-run.test.ts', env: { CROSSFADE_STREAMED_MB: '2048' } },
];

/** Scale, history and soak tests: minutes each, run one after the other, so that none disturbs another's measurements. */
export default defineConfig({
  root,
  test: {
    reporters: ['minimal', createProgressReporter()],
    fileParallelism: false,
    testTimeout: 3_600_000,
    hookTimeout: 60_000,
    projects: RUNS.map(({ name, file, env }) => ({
      extends: true as const,
      resolve: { conditions },
      ssr: { resolve: { conditions } },
      test: { name, include: [file], env },
    })),
  },
});
