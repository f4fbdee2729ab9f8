import type { AcceptedJudgement, AudienceClass, Outcome } from '@crossfade/core';
import type { CountedJudgement } from '../collector/judgement-aggregator.ts';

/** What a verified, unexpired token says of its client. */
export type SeenToken = Pick<AcceptedJudgement, 'clientId' | 'issuedAt' | 'expiresAt' | 'afterClose'>;

/**
 * Returns the verified, unexpired token that was judged, accepted or not: an API may take a token that we refuse.
 * `undefined` for any other, and where a report leaves its times out.
 */
export function seenToken(judgement: CountedJudgement): SeenToken | undefined {
  if (judgement.outcome === 'accepted') return judgement;
  return judgement.token?.expired === false ? judgement.token : undefined;
}

/** Whether a verified, unexpired token counts as legacy seen: a legacy one, or a bridge token that a close would refuse. */
export function isLegacySeen(audience: AudienceClass, afterClose: Outcome): boolean {
  return audience === 'legacy' || (audience === 'bridge' && afterClose === 'rejected');
}
