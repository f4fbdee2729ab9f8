import { describe, expect, it } from 'vitest';
import type { Rehearsal } from '../../src/ledger/report.ts';
import { PLAIN } from '../../src/output/paint.ts';
import { drawTable } from '../../src/output/table.ts';

const rehearsal: Rehearsal = {
  requests: 1500,
  rejected: 0,
  unavailable: 0,
  rollback: { requestedAt: '2026-01-01T00:00:10.000Z', convergedAt: '2026-01-01T00:00:12.000Z', rejected: 0 },
  phases: [
    {
      phase: 'prepare',
      startedAt: '2026-01-01T00:00:00.000Z',
      endedAt: '2026-01-01T00:00:03.000Z',
      requests: 104,
      legacyShare: 1,
    },
    {
      phase: 'contract',
      startedAt: '2026-01-01T00:00:03.000Z',
      endedAt: '2026-01-01T00:01:04.000Z',
      requests: 1396,
      legacyShare: 0,
    },
  ],
  gate: { verdict: 'pass', refusedBefore: 1 },
  closedAt: '2026-01-01T00:01:00.000Z',
  seed: 7,
};

describe('the final table', () => {
  it('summarizes a rehearsal', () => {
    expect(drawTable(rehearsal, PLAIN)).toEqual([
      'phase       took   requests   legacy share',
      'prepare       3s        104         100.0%',
      'contract   1m 1s       1396           0.0%',
      '',
      'rollback   converged after 2s, 0 rejected',
      'gate       refused 1 close, final verdict: pass',
      'closed     2026-01-01T00:01:00.000Z',
      'requests   1500: 0 rejected, 0 unavailable (seed 7)',
      '',
      'The legacy audience is closed, and no valid request was rejected.',
    ]);
  });

  it('shows every failure of a failed rehearsal', () => {
    const broken: Rehearsal = {
      ...rehearsal,
      rejected: 3,
      rollback: null,
      closedAt: null,
      gate: { verdict: null, refusedBefore: 0 },
      phases: [],
    };
    const text = drawTable(broken, PLAIN).join('\n');
    expect(text).toContain('3 rejected');
    expect(text).toContain('closed     never');
    expect(text).toContain('rollback   none');
    expect(text).toContain('gate       refused 0 closes, final verdict: none');
    expect(text).toContain('The rehearsal failed');
  });

  it('states that a rollback did not converge', () => {
    const rollback = { requestedAt: '2026-01-01T00:00:10.000Z', convergedAt: null, rejected: 2 };
    expect(drawTable({ ...rehearsal, rollback }, PLAIN)).toContain('rollback   did not converge, 2 rejected');
  });
});
