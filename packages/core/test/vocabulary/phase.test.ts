import { describe, expect, it } from 'vitest';
import { commandedPhase, derivePhase } from '../../src/vocabulary/phase.ts';

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

describe('commandedPhase', () => {
  it.each([
    ['both', 0, false, 'prepare'],
    ['both', 0, true, 'expand'],
    ['both', 5, false, 'migrate'],
    ['both', 100, false, 'drain'],
    ['target', 100, false, 'contract'],
    ['target', 0, false, 'contract'],
  ] as const)('of acceptance %s at %d %%, prepared: %s, is %s', (acceptance, percent, isPrepared, phase) => {
    expect(commandedPhase(acceptance, { percent }, isPrepared)).toBe(phase);
  });
});
