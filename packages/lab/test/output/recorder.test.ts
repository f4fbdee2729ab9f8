import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLedger } from '../../src/ledger/ledger.ts';
import { createFilm } from '../../src/output/recorder.ts';

beforeEach(() => void vi.useFakeTimers({ now: 1000 }));
afterEach(() => void vi.useRealTimers());

describe('the film of a rehearsal', () => {
  it('takes the counts several times a second, from the first moment to the last', () => {
    const ledger = createLedger();
    const film = createFilm(ledger, Date.now);
    vi.advanceTimersByTime(300);
    ledger.record({ outcome: 'accepted', side: 'target' });
    const frames = film.end();
    expect(frames.map(({ atMs, tally }) => [atMs, tally.target])).toEqual([
      [1000, 0],
      [1250, 0],
      [1300, 1],
    ]);
    vi.advanceTimersByTime(1000);
    expect(frames).toHaveLength(3);
  });
});
