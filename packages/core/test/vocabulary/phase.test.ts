import { describe, expect, it } from 'vitest';
import { derivePhase } from '../../src/vocabulary/phase.ts';

describe('derivePhase', () => {
  it.each([
    ['legacy', 0, 'prepare'],
    ['legacy', 50, 'prepare'],
    ['both', 0, 'expand'],
    ['both', 0.01, 'migrate'],
    ['both', 99.99, 'migrate'],
    ['both', 100, 'drain'],
    ['target', 100, 'contract'],
    ['target', 0, 'contract'],
  ] as const)('finds acceptance %s with issuance at %d %% in phase %s', (acceptance, percent, phase) => {
    expect(derivePhase(acceptance, { percent })).toBe(phase);
  });
});
