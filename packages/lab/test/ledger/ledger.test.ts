import { describe, expect, it } from 'vitest';
import { createLedger, legacyShare, tallyBetween } from '../../src/ledger/ledger.ts';

describe('the ledger', () => {
  it('counts each request once, as what it came to', () => {
    const ledger = createLedger();
    ledger.record({ outcome: 'accepted', side: 'legacy' });
    ledger.record({ outcome: 'accepted', side: 'target' });
    ledger.record({ outcome: 'accepted', side: 'target' });
    ledger.record({ outcome: 'rejected', status: 401 });
    ledger.record({ outcome: 'unavailable', because: 'the API could not be reached' });
    expect(ledger.tally()).toEqual({ requests: 5, rejected: 1, unavailable: 1, legacy: 1, target: 2 });
  });

  it('keeps what went wrong, and how often', () => {
    const ledger = createLedger();
    ledger.record({ outcome: 'rejected', status: 401 });
    ledger.record({ outcome: 'rejected', status: 401 });
    ledger.record({ outcome: 'unavailable', because: 'no answer' });
    expect(ledger.complaints()).toEqual([
      { complaint: 'a valid token was answered 401', count: 2 },
      { complaint: 'no answer', count: 1 },
    ]);
  });

  it('hands out tallies that later requests leave alone', () => {
    const ledger = createLedger();
    const before = ledger.tally();
    ledger.record({ outcome: 'accepted', side: 'legacy' });
    expect(tallyBetween(before, ledger.tally())).toEqual({
      requests: 1,
      rejected: 0,
      unavailable: 0,
      legacy: 1,
      target: 0,
    });
  });

  it('has a legacy share even when nothing was accepted', () => {
    expect(legacyShare({ legacy: 0, target: 0 })).toBe(0);
    expect(legacyShare({ legacy: 1, target: 3 })).toBe(0.25);
  });
});
