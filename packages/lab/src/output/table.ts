import { formatDuration } from '@crossfade/core';
import { type Rehearsal, succeeded } from '../ledger/report.ts';
import type { Paint } from './paint.ts';

/** Draws the final table. */
export function drawTable(rehearsal: Rehearsal, paint: Paint): readonly string[] {
  const rows = rehearsal.phases.map(({ phase, startedAt, endedAt, requests, legacyShare }) => [
    phase,
    formatDuration(Date.parse(endedAt) - Date.parse(startedAt)),
    String(requests),
    `${(legacyShare * 100).toFixed(1)}%`,
  ]);
  const [heading = '', ...lines] = align([['phase', 'took', 'requests', 'legacy share'], ...rows]);
  const { rollback, gate, closedAt } = rehearsal;
  return [
    paint('dim', heading),
    ...lines,
    '',
    `rollback   ${describeRollback(rollback)}`,
    `gate       refused ${gate.refusedBefore} ${gate.refusedBefore === 1 ? 'close' : 'closes'}, final verdict: ${gate.verdict ?? 'none'}`,
    `closed     ${closedAt ?? 'never'}`,
    `requests   ${rehearsal.requests}: ${rehearsal.rejected} rejected, ${rehearsal.unavailable} unavailable (seed ${rehearsal.seed})`,
    '',
    succeeded(rehearsal)
      ? paint('green', 'The legacy audience is closed, and no valid request was rejected.')
      : paint(
          'red',
          'The rehearsal failed: the legacy audience is not closed, or requests were rejected or unavailable.',
        ),
  ];
}

function describeRollback(rollback: Rehearsal['rollback']): string {
  if (rollback === null) return 'none';
  const { requestedAt, convergedAt, rejected } = rollback;
  if (convergedAt === null) return `did not converge, ${rejected} rejected`;
  return `converged after ${formatDuration(Date.parse(convergedAt) - Date.parse(requestedAt))}, ${rejected} rejected`;
}

/** Aligns the first column left and the others right. */
function align(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('   '),
  );
}
