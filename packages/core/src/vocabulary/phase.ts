import type { Acceptance, Issuance, ObservedAcceptance } from './switch-position.ts';

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

/**
 * The phase of a migration as its flags command it. What an API shows decides one thing alone: before the first login asks for
 * target, whether it is prepared for it. So every program that reads the same flags names the same phase, also while an API lags behind
 * a close.
 * @param isPrepared whether the API is known to accept target tokens.
 */
export function commandedPhase(
  acceptance: Acceptance,
  issuance: Pick<Issuance, 'percent'>,
  isPrepared: boolean,
): Phase {
  const isBefore = acceptance === 'both' && issuance.percent <= 0 && !isPrepared;
  return derivePhase(isBefore ? 'legacy' : acceptance, issuance);
}
