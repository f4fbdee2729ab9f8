import { describe, expect, it } from 'vitest';
import { createRecentShare } from '../../src/output/frame.ts';

const counts = (legacy: number, target: number) => ({
  requests: legacy + target,
  rejected: 0,
  unavailable: 0,
  legacy,
  target,
});

describe('the recent legacy share', () => {
  it('is undefined until a token was accepted', () => {
    const share = createRecentShare(3000, () => 0);
    expect(share(counts(0, 0))).toBeUndefined();
  });

  it('ignores requests before its window', () => {
    let nowMs = 0;
    const share = createRecentShare(3000, () => nowMs);
    share(counts(0, 0));
    nowMs = 1000;
    expect(share(counts(10, 0))).toBe(1);
    nowMs = 4000;
    expect(share(counts(10, 10))).toBe(0);
  });

  it('is known even when it is read less often than once per window', () => {
    let nowMs = 0;
    const share = createRecentShare(3000, () => nowMs);
    share(counts(0, 0));
    nowMs = 5000;
    expect(share(counts(1, 3))).toBe(0.25);
    nowMs = 10_000;
    expect(share(counts(4, 4))).toBe(0.75);
  });
});
