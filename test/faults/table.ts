import type { Tally } from './request-path.ts';

const COLUMNS = [
  ['selections', 'selections'],
  ['thrown', 'thrown'],
  ['sideChanges', 'side changes'],
  ['acceptanceChanges', 'accept changes'],
  ['withProblem', 'problem shown'],
  ['stale', 'stale shown'],
] as const;

/** A Markdown table of tallies by source and fault, with a sum for each source. */
export function tableOf(tallies: ReadonlyMap<string, ReadonlyMap<string, Tally>>): string {
  const header = ['source', 'fault', ...COLUMNS.map(([, title]) => title)];
  const rows = [...tallies].flatMap(([source, byFault]) => [
    ...[...byFault].map(([fault, tally]) => [source, fault, ...sums([tally])]),
    [source, '**all**', ...sums([...byFault.values()])],
  ]);
  return [header, header.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function sums(tallies: readonly Tally[]): string[] {
  return COLUMNS.map(([name]) => tallies.reduce((sum, tally) => sum + tally[name], 0).toLocaleString('en-US'));
}
