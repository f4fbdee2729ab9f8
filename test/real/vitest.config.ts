import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { createProgressReporter } from '../reporter/progress-reporter.ts';

const testFiles = (...names: readonly string[]) => names.map((name) => `**/${name}.test.ts`);

/** Whole migrations against the clock: minutes of waiting, at little CPU, after the others. */
const MIGRATIONS = testFiles('operator', 'rollback-times');

/** What measures load or time, or builds this clone: each of these files has the machine to itself, at the end. */
const ALONE = testFiles('contributing', 'k6', 'kill', 'kill-dependencies', 'refresh-race', 'restart-behind-nginx');

/** What waits for minutes, for a registry or by design: these begin first, so that none of them ends alone. */
const LONGEST = [
  'packages',
  'tutorial',
  'version-skew',
  'doctor',
  'firing',
  'prometheus-verdict',
  'pipeline',
  'languages',
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const rank = ({ moduleId }: TestSpecification) => {
      const index = LONGEST.findIndex((name) => moduleId.endsWith(`/${name}.test.ts`));
      return index === -1 ? LONGEST.length : index;
    };
    return sorted.sort((one, other) => rank(one) - rank(other));
  }
}

/** What the files of one run share, such as the tarballs of the packages. */
const run = mkdtempSync(join(tmpdir(), 'crossfade-real-'));
process.env['CROSSFADE_REAL_RUN'] = run;
process.on('exit', () => rmSync(run, { recursive: true, force: true }));

const shared = { testTimeout: 180_000, hookTimeout: 120_000 };

/** The suite that runs real programs of the system, separate from the tests that need only Node. */
export default defineConfig({
  root: import.meta.dirname,
  test: {
    reporters: ['minimal', createProgressReporter()],
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          ...shared,
          name: 'real',
          include: ['**/*.test.ts'],
          exclude: [...ALONE, ...MIGRATIONS],
          // Most of them wait for other programs: two at a time halve the wait. With three, on two cores, a browser's migration
          // was too slow for its own clock.
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          ...shared,
          name: 'migrations',
          include: MIGRATIONS,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...shared,
          name: 'alone',
          include: ALONE,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
