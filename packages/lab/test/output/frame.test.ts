import { describe, expect, it } from 'vitest';
import { createRecentShare } from '../../src/output/frame.ts';

const tally = (legacy: number, target: number) => ({
  requests: legacy + target,
  rejected: 0,
  unavailable: 0,
  legacy,
  target,
});

describe('the recent legacy share', () => {
  it('is unknown until something was accepted', () => {
    const share = createRecentShare(3000, () => 0);
    expect(share(tally(0, 0))).toBeUndefined();
  });

  it('forgets what was longer ago than its window', () => {
    let nowMs = 0;
    const share = createRecentShare(3000, () => nowMs);
    share(tally(0, 0));
    nowMs = 1000;
    expect(share(tally(10, 0))).toBe(1);
    nowMs = 4000;
    expect(share(tally(10, 10))).toBe(0);
  });

  it('knows something when it is asked more rarely than its window is long', () => {
    let nowMs = 0;
    const share = createRecentShare(3000, () => nowMs);
    share(tally(0, 0));
    nowMs = 5000;
    expect(share(tally(1, 3))).toBe(0.25);
    nowMs = 10_000;
    expect(share(tally(4, 4))).toBe(0.75);
  });
});
