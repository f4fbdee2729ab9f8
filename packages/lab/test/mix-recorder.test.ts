import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLedger } from '../src/ledger.ts';
import { recordMix } from '../src/mix-recorder.ts';

beforeEach(() => void vi.useFakeTimers({ now: 0 }));
afterEach(() => void vi.useRealTimers());

describe('recordMix', () => {
  it('samples the share of each stretch, and leaves out one without traffic', () => {
    const ledger = createLedger();
    const recorder = recordMix(ledger, Date.now);
    ledger.record({ outcome: 'accepted', side: 'legacy' });
    vi.advanceTimersByTime(1000);
    vi.advanceTimersByTime(1000);
    ledger.record({ outcome: 'accepted', side: 'legacy' });
    ledger.record({ outcome: 'accepted', side: 'target' });
    vi.advanceTimersByTime(500);
    expect(recorder.stop()).toEqual([
      { atMs: 1000, legacyShare: 1 },
      { atMs: 2500, legacyShare: 0.5 },
    ]);
  });
});
