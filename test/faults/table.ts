import type { RequestCounts } from './request-path.ts';

const COLUMNS = [
  ['selections', 'selections'],
  ['thrown', 'thrown'],
  ['sideChanges', 'side changes'],
  ['acceptanceChanges', 'accept changes'],
  ['withProblem', 'problem shown'],
  ['stale', 'stale shown'],
] as const;

/** Formats a Markdown table of counts by source and fault, with a sum for each source. */
export function tableOf(results: ReadonlyMap<string, ReadonlyMap<string, RequestCounts>>): string {
  const header = ['source', 'fault', ...COLUMNS.map(([, title]) => title)];
  const rows = [...results].flatMap(([source, byFault]) => [
    ...[...byFault].map(([fault, counts]) => [source, fault, ...sums([counts])]),
    [source, '**all**', ...sums([...byFault.values()])],
  ]);
  return [header, header.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function sums(results: readonly RequestCounts[]): string[] {
  return COLUMNS.map(([name]) => results.reduce((sum, counts) => sum + counts[name], 0).toLocaleString('en-US'));
}
