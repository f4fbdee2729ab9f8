import { describe, expect, it } from 'vitest';
import { countsBetween, createLedger, legacyShare } from '../../src/ledger/ledger.ts';

describe('the ledger', () => {
  it('counts each request once, by its outcome', () => {
    const ledger = createLedger();
    ledger.record({ outcome: 'accepted', side: 'legacy' });
    ledger.record({ outcome: 'accepted', side: 'target' });
    ledger.record({ outcome: 'accepted', side: 'target' });
    ledger.record({ outcome: 'rejected', status: 401 });
    ledger.record({ outcome: 'unavailable', because: 'the API could not be reached' });
    expect(ledger.counts()).toEqual({ requests: 5, rejected: 1, unavailable: 1, legacy: 1, target: 2 });
  });

  it('keeps each failure and how often it occurred', () => {
    const ledger = createLedger();
    ledger.record({ outcome: 'rejected', status: 401 });
    ledger.record({ outcome: 'rejected', status: 401 });
    ledger.record({ outcome: 'unavailable', because: 'no response' });
    expect(ledger.failures()).toEqual([
      { failure: 'a valid token got 401', count: 2 },
      { failure: 'no response', count: 1 },
    ]);
  });

  it('returns counts that later requests do not change', () => {
    const ledger = createLedger();
    const before = ledger.counts();
    ledger.record({ outcome: 'accepted', side: 'legacy' });
    expect(countsBetween(before, ledger.counts())).toEqual({
      requests: 1,
      rejected: 0,
      unavailable: 0,
      legacy: 1,
      target: 0,
    });
  });

  it('has a legacy share of 0 when nothing was accepted', () => {
    expect(legacyShare({ legacy: 0, target: 0 })).toBe(0);
    expect(legacyShare({ legacy: 1, target: 3 })).toBe(0.25);
  });
});
