import type { SidecarPlan } from '@crossfade/core';
import type { DpopOptions } from '@crossfade/validator';

/** As Spring's: who stands in front of an API must not be stricter than it by accident. */
const CLOCK_TOLERANCE_SECONDS = 60;

/** The API sees the same proof, and remembers it if it wants to. */
const EVERY_USE_IS_FIRST = { claim: () => true };

/**
 * How a sidecar checks DPoP proofs. Where it decides by itself, each proof counts once, in the memory of this process,
 * which the API does not share.
 *
 * An observing sidecar accepts what an enforcing one would, so that its counts tell who would be turned away. But it does
 * not know whether the API demands a nonce, and whether it takes a proof twice: it asks for neither. Otherwise a proof
 * that the API takes would be a disagreement.
 */
export function dpopOptions({ mode, judge }: Pick<SidecarPlan, 'mode' | 'judge'>): DpopOptions {
  const decides = mode === 'forward-auth' || judge === 'enforce';
  return {
    clockToleranceSeconds: CLOCK_TOLERANCE_SECONDS,
    ...(decides ? {} : { replay: EVERY_USE_IS_FIRST }),
  };
}
