import { describe, expect, it } from 'vitest';
import type { Reporter, TestModule, TestSpecification } from 'vitest/node';
import { createProgressReporter } from './progress-reporter.ts';

type State = 'passed' | 'failed' | 'skipped';

/** Creates a finished file with the properties that the reporter reads. */
function finishedModule(project: string, states: readonly State[], durationMs = 1000): TestModule {
  const tests = states.map((state) => ({ result: () => ({ state }) }));
  const state = states.includes('failed') ? 'failed' : 'passed';
  return {
    project: { name: project },
    children: { allTests: () => tests },
    state: () => state,
    diagnostic: () => ({ duration: durationMs }),
  } as unknown as TestModule;
}

function run(modules: readonly TestModule[], isTTY = false): string {
  let text = '';
  let nowMs = 0;
  const reporter: Reporter = createProgressReporter({ isTTY, write: (part) => (text += part) }, () => (nowMs += 500));
  reporter.onTestRunStart?.(modules.map(() => ({}) as TestSpecification));
  for (const module of modules) reporter.onTestModuleEnd?.(module);
  reporter.onTestRunEnd?.(modules, [], 'passed');
  return text;
}

describe('the progress reporter', () => {
  it('prints one line after each tenth of the files without a terminal', () => {
    const text = run(Array.from({ length: 40 }, () => finishedModule('core', ['passed'])));
    expect(text.match(/of 40 files/g)).toHaveLength(10);
    expect(text).toContain('40 of 40 files, 40 tests, ');
  });

  it('redraws one line on a terminal, and clears it before the table', () => {
    const text = run([finishedModule('core', ['passed']), finishedModule('cli', ['passed'])], true);
    expect(text.split('\n')[0]?.endsWith('\r\x1b[K2 of 2 files, 2 tests, 1s\r\x1b[K')).toBe(true);
  });

  it('closes with a sorted table of one row a package, with the sums of its files', () => {
    const text = run([
      finishedModule('validator', ['passed', 'passed'], 61_000),
      finishedModule('cli', ['passed', 'skipped']),
      finishedModule('validator', ['passed', 'failed'], 1000),
    ]);
    expect(text).toContain(`
 package    files  tests  failed  skipped   time
 cli            1      2       0        1     1s
 validator      2      4       1        0  1m 2s
 all            3      6       1        1  1m 3s
`);
  });

  it('counts a file that cannot be loaded as one failure', () => {
    const broken = { ...finishedModule('lab', []), state: () => 'failed' } as unknown as TestModule;
    expect(run([broken])).toContain(' lab          1      0       1        0    1s');
  });
});
