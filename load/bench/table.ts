import { type Figure, timesSlower } from './interleave.ts';

/** Prints figures, fastest first, with main-thread time as a multiple of each baseline's. */
export function printTable(title: string, figures: readonly Figure[], baselines: readonly string[]): void {
  const baselineFigures = figures.filter(({ name }) => baselines.includes(name));
  const rows = figures
    .toSorted((one, other) => one.mainThreadUs - other.mainThreadUs)
    .map((figure) => [
      figure.name,
      microseconds(figure.mainThreadUs),
      microseconds(figure.wallUs),
      ...baselineFigures.map((baseline) => times(timesSlower(baseline, figure))),
    ]);
  const head = ['', 'main thread us', 'wall us', ...baselineFigures.map(({ name }) => `faster than ${name}`)];
  process.stdout.write(`\n${title}\n${layOut([head, ...rows])}`);
}

/** Pads each column to its widest cell; all but the first are aligned right. */
export function layOut(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const line = (row: readonly string[]) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)));
  return rows.map((row) => `${line(row).join('  ').trimEnd()}\n`).join('');
}

function microseconds(value: number): string {
  return value.toFixed(value < 10 ? 2 : 1);
}

function times(value: number): string {
  return `x${value.toFixed(value < 10 ? 2 : 0)}`;
}
