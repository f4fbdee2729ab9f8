import { describe, expect, it } from 'vitest';
import { createLedger } from '../../src/ledger/ledger.ts';
import { createReport, succeeded } from '../../src/ledger/report.ts';

function setUp() {
  let nowMs = Date.parse('2026-01-01T00:00:00Z');
  const ledger = createLedger();
  const report = createReport({ seed: 7, ledger, now: () => nowMs });
  return {
    ledger,
    report,
    pass(seconds: number) {
      nowMs += seconds * 1000;
    },
    accept(side: 'legacy' | 'target', count: number) {
      for (let index = 0; index < count; index += 1) ledger.record({ outcome: 'accepted', side });
    },
  };
}

describe('the report of a rehearsal', () => {
  it('states for each phase its times, its requests and its legacy share', () => {
    const { report, pass, accept } = setUp();
    report.enter('prepare', report.moment());
    accept('legacy', 4);
    pass(3);
    report.enter('expand', report.moment());
    accept('legacy', 1);
    accept('target', 2);
    pass(5);
    expect(report.result().phases).toEqual([
      {
        phase: 'prepare',
        startedAt: '2026-01-01T00:00:00.000Z',
        endedAt: '2026-01-01T00:00:03.000Z',
        requests: 4,
        legacyShare: 1,
      },
      {
        phase: 'expand',
        startedAt: '2026-01-01T00:00:03.000Z',
        endedAt: '2026-01-01T00:00:08.000Z',
        requests: 3,
        legacyShare: 0.3333,
      },
    ]);
  });

  it('measures the rollback only until the ramp goes up again', () => {
    const { report, ledger, pass } = setUp();
    ledger.record({ outcome: 'rejected', status: 401 });
    report.rollbackRequested();
    pass(2);
    report.rollbackConverged();
    ledger.record({ outcome: 'rejected', status: 401 });
    report.rollbackOver();
    ledger.record({ outcome: 'rejected', status: 401 });
    expect(report.result().rollback).toEqual({
      requestedAt: '2026-01-01T00:00:00.000Z',
      convergedAt: '2026-01-01T00:00:02.000Z',
      rejected: 1,
    });
    expect(report.result().rejected).toBe(3);
  });

  it('keeps the first end of a rollback when the ramp continues', () => {
    const { report, ledger } = setUp();
    report.rollbackRequested();
    report.rollbackOver();
    ledger.record({ outcome: 'rejected', status: 401 });
    report.rollbackOver();
    expect(report.result().rollback?.rejected).toBe(0);
  });

  it('has exactly the fields that users depend on', () => {
    const { report } = setUp();
    report.rollbackOver();
    expect(report.result()).toEqual({
      requests: 0,
      rejected: 0,
      unavailable: 0,
      rollback: null,
      phases: [],
      gate: { verdict: null, refusedBefore: 0 },
      closedAt: null,
      seed: 7,
    });
  });

  it('counts refusals and keeps the gate’s last verdict', () => {
    const { report } = setUp();
    report.gateEvaluated('fail');
    report.closeRefused();
    report.gateEvaluated('pass');
    expect(report.result().gate).toEqual({ verdict: 'pass', refusedBefore: 1 });
  });

  it('counts as a success only when closed, with nothing rejected and nothing unavailable', () => {
    const kept = { ...setUp().report.result(), closedAt: '2026-01-01T00:00:00.000Z' };
    expect(succeeded(kept)).toBe(true);
    expect(succeeded({ ...kept, closedAt: null })).toBe(false);
    expect(succeeded({ ...kept, rejected: 1 })).toBe(false);
    expect(succeeded({ ...kept, unavailable: 1 })).toBe(false);
  });
});
