import type { Reporter, TestModule } from 'vitest/node';

/** The stream that the report is written to; `process.stdout` in a run. */
export interface ReportStream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

interface Row {
  readonly project: string;
  readonly files: number;
  readonly tests: number;
  readonly failed: number;
  readonly skipped: number;
  readonly durationMs: number;
}

/** Without a terminal the progress line is printed after each tenth of the files. */
const PLAIN_STEPS = 10;

/**
 * Shows the progress of a run in one line, and closes with a table by package. Another reporter prints the failures.
 * On a terminal the line is redrawn; elsewhere it is printed ten times.
 */
export function createProgressReporter(out: ReportStream = process.stdout, now: () => number = Date.now): Reporter {
  let files = 0;
  let finished = 0;
  let tests = 0;
  let failed = 0;
  let startedAtMs = 0;

  function progressLine(): string {
    const failures = failed === 0 ? '' : `, ${failed} failed`;
    return `${finished} of ${files} files, ${tests} tests${failures}, ${formatSeconds(now() - startedAtMs)}`;
  }

  return {
    onTestRunStart(specifications) {
      files = specifications.length;
      finished = 0;
      tests = 0;
      failed = 0;
      startedAtMs = now();
    },
    onTestModuleEnd(module) {
      const row = rowOf(module);
      finished += 1;
      tests += row.tests;
      failed += row.failed;
      if (out.isTTY) out.write(`\r\x1b[K${progressLine()}`);
      else if (Math.floor((finished * PLAIN_STEPS) / files) > Math.floor(((finished - 1) * PLAIN_STEPS) / files)) {
        out.write(`${progressLine()}\n`);
      }
    },
    onTestRunEnd(modules) {
      if (out.isTTY) out.write('\r\x1b[K');
      if (modules.length > 0) out.write(summaryTable(modules.map(rowOf)));
    },
  };
}

function rowOf(module: TestModule): Row {
  const tests = [...module.children.allTests()];
  const failures = tests.filter((test) => test.result().state === 'failed').length;
  return {
    project: module.project.name,
    files: 1,
    tests: tests.length,
    // A file that cannot be loaded has no tests, and counts as one failure.
    failed: failures === 0 && module.state() === 'failed' ? 1 : failures,
    skipped: tests.filter((test) => test.result().state === 'skipped').length,
    durationMs: module.diagnostic().duration,
  };
}

function summaryTable(rows: readonly Row[]): string {
  const byProject = new Map<string, Row>();
  for (const row of rows) byProject.set(row.project, addRows(byProject.get(row.project), row));
  const sums = [...byProject.values()].sort((one, other) => one.project.localeCompare(other.project));
  const cells = [
    ['package', 'files', 'tests', 'failed', 'skipped', 'time'],
    ...[...sums, ...(sums.length > 1 ? [total(sums)] : [])].map(
      ({ project, files, tests, failed, skipped, durationMs }) => [
        project,
        ...[files, tests, failed, skipped].map(String),
        formatSeconds(durationMs),
      ],
    ),
  ];
  const widths = cells[0]?.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0))) ?? [];
  const lines = cells.map((row) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))),
  );
  return `\n${lines.map((line) => ` ${line.join('  ')}`).join('\n')}\n`;
}

function total(rows: readonly Row[]): Row {
  return { ...rows.reduce((sum, row) => addRows(sum, row)), project: 'all' };
}

function addRows(sum: Row | undefined, row: Row): Row {
  if (sum === undefined) return row;
  return {
    project: row.project,
    files: sum.files + row.files,
    tests: sum.tests + row.tests,
    failed: sum.failed + row.failed,
    skipped: sum.skipped + row.skipped,
    durationMs: sum.durationMs + row.durationMs,
  };
}

function formatSeconds(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m ${seconds % 60}s`;
}
