import type { Judgement, RejectedJudgement } from '@crossfade/core';
import type { TokenScheme } from '../request/judgement-context.ts';
import type { DpopCheck } from './dpop-check.ts';
import type { ProofOfPossession } from './proof-of-possession.ts';

/** Tells clients for whom DPoP is the way in what they need for it (RFC 9449 §7.1, §9). */
export interface DpopChallenges {
  /** The answer to a request without a token. */
  readonly noToken: RejectedJudgement;
  /** A judgement, with a challenge where it rejects somebody who used DPoP, or has to. */
  addTo(judgement: Judgement, scheme: TokenScheme, possession: ProofOfPossession): Judgement;
}

const NO_TOKEN: RejectedJudgement = Object.freeze({ outcome: 'rejected', audience: 'none', reason: 'missing_token' });

export function createDpopChallenges(
  check: Pick<DpopCheck, 'challenge'>,
  sides: readonly { readonly senderConstrained?: 'dpop' | 'mtls' | 'any' }[],
): DpopChallenges {
  const isOnlyWay = sides.every(({ senderConstrained }) => senderConstrained === 'dpop');
  const isOneWay = sides.some(({ senderConstrained }) => senderConstrained === 'dpop' || senderConstrained === 'any');

  return {
    get noToken() {
      return isOnlyWay ? { ...NO_TOKEN, dpop: check.challenge() } : NO_TOKEN;
    },
    addTo(judgement, scheme, possession) {
      if (judgement.outcome === 'accepted') return judgement;
      const isPossession = judgement.reason === possession.flaw;
      const mends = isPossession ? possession.dpop : judgement.reason === 'proof_required' && isOneWay;
      if (scheme !== 'DPoP' && !mends) return judgement;
      return { ...judgement, dpop: check.challenge(isPossession ? possession.error : undefined) };
    },
  };
}
