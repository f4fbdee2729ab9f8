import type { SidecarPlan } from '@crossfade/core';
import type { DpopOptions } from '@crossfade/validator';

/** How far the clock of a client may be off, where the API decides about its proofs. */
const OBSERVED_TOLERANCE_SECONDS = 300;

/** The API sees the same proof, and remembers it if it wants to. */
const EVERY_USE_IS_FIRST = { claim: () => true };

/**
 * How a sidecar checks DPoP proofs. Where it decides by itself, as every validator does: each proof counts once, in the
 * memory of this process, which the API does not share.
 *
 * An observing sidecar does not know what the API demands of a proof's nonce, age and first use. It checks what every
 * API has to check: key, signature, method, URL and token (RFC 9449 §4.3). Otherwise a proof that the API takes would
 * be a disagreement.
 */
export function dpopOptions({ mode, judge }: Pick<SidecarPlan, 'mode' | 'judge'>): DpopOptions {
  if (mode === 'forward-auth' || judge === 'enforce') return {};
  const clockToleranceSeconds = OBSERVED_TOLERANCE_SECONDS;
  return { replay: EVERY_USE_IS_FIRST, clockToleranceSeconds, proofMaxAgeSeconds: OBSERVED_TOLERANCE_SECONDS };
}
