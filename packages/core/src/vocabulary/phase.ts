import type { Issuance, ObservedAcceptance } from './switch-position.ts';

/** Parallel change: expand, migrate, contract; with `prepare` before it and `drain` before the contraction. */
export const PHASES = ['prepare', 'expand', 'migrate', 'drain', 'contract'] as const;
export type Phase = (typeof PHASES)[number];

/** Derives the phase from the two switches; it is not stored. */
export function derivePhase(acceptance: ObservedAcceptance, issuance: Pick<Issuance, 'percent'>): Phase {
  if (acceptance === 'legacy') return 'prepare';
  if (acceptance === 'target') return 'contract';
  if (issuance.percent <= 0) return 'expand';
  return issuance.percent < 100 ? 'migrate' : 'drain';
}
