import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLedger } from '../../src/ledger/ledger.ts';
import { createRecorder } from '../../src/ledger/recorder.ts';

beforeEach(() => void vi.useFakeTimers({ now: 1000 }));
afterEach(() => void vi.useRealTimers());

describe('the recorder', () => {
  it('records the counts several times a second, from the first moment to the last', () => {
    const ledger = createLedger();
    const recorder = createRecorder(ledger, Date.now);
    vi.advanceTimersByTime(300);
    ledger.record({ outcome: 'accepted', side: 'target' });
    const moments = recorder.end();
    expect(moments.map(({ atMs, counts }) => [atMs, counts.target])).toEqual([
      [1000, 0],
      [1250, 0],
      [1300, 1],
    ]);
    vi.advanceTimersByTime(1000);
    expect(moments).toHaveLength(3);
  });
});
