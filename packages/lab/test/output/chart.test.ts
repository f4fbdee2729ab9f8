import { describe, expect, it } from 'vitest';
import type { Moment } from '../../src/ledger/ledger.ts';
import type { Rehearsal } from '../../src/ledger/report.ts';
import { drawChart } from '../../src/output/chart.ts';

const START = Date.parse('2026-01-01T00:00:00Z');
const at = (seconds: number) => new Date(START + seconds * 1000).toISOString();
const frame = (seconds: number, legacy: number, target: number): Moment => ({
  atMs: START + seconds * 1000,
  counts: { requests: legacy + target, rejected: 0, unavailable: 0, legacy, target },
});
const rehearsal: Rehearsal = {
  requests: 40,
  rejected: 0,
  unavailable: 0,
  rollback: { requestedAt: at(10), convergedAt: at(11), rejected: 0 },
  phases: [
    { phase: 'prepare', startedAt: at(0), endedAt: at(5), requests: 10, legacyShare: 1 },
    { phase: 'contract', startedAt: at(5), endedAt: at(20), requests: 30, legacyShare: 0 },
  ],
  gate: { verdict: 'pass', refusedBefore: 1 },
  closedAt: at(15),
  seed: 7,
};

describe('the chart of a rehearsal', () => {
  it('shows the legacy share shrinking over time', () => {
    const svg = drawChart(rehearsal, [frame(0, 0, 0), frame(10, 10, 10), frame(12, 10, 30), frame(20, 10, 40)]);
    // The plot reaches from 16 to 944, and from 264 up to 56.
    expect(svg).toContain('d="M16 264L16 56L16 56L480 56L572.8 264L944 264L944 264Z"');
  });

  it('marks the phases and the rollback, and has a summary', () => {
    const svg = drawChart(rehearsal, [frame(0, 0, 0), frame(20, 10, 30)]);
    expect(svg).toContain('>prepare<');
    expect(svg).toContain('x1="248"');
    expect(svg).toContain('class="rollback" x1="480"');
    expect(svg).toContain('40 requests, 0 rejected (seed 7)');
    expect(svg).toContain('20 seconds');
  });

  it('is self-contained, and can be drawn without data', () => {
    const svg = drawChart({ ...rehearsal, phases: [], rollback: null }, []);
    expect(svg).toMatch(/^<svg /);
    expect(svg).not.toMatch(/NaN|href|url\(/);
  });
});
