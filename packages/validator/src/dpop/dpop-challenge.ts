import { attachRejectedToken, type Judgement, type RejectedJudgement } from '@crossfade/core';
import type { TokenScheme } from '../request/judgement-context.ts';
import type { DpopCheck } from './dpop-check.ts';
import type { ProofOfPossession } from './proof-of-possession.ts';

/** Adds DPoP challenges for clients that use DPoP or have to (RFC 9449 §7.1, §9). */
export interface DpopChallenges {
  /** The judgement of a request without a token. */
  readonly noToken: RejectedJudgement;
  /** Adds a challenge to a rejection if the client used DPoP, or if DPoP is what the token needs. */
  addTo(judgement: Judgement, scheme: TokenScheme, possession: ProofOfPossession): Judgement;
}

const NO_TOKEN: RejectedJudgement = Object.freeze({ outcome: 'rejected', audience: 'none', reason: 'missing_token' });

export function createDpopChallenges(
  check: Pick<DpopCheck, 'challenge'>,
  sides: readonly { readonly senderConstrained?: 'dpop' | 'mtls' | 'any' }[],
): DpopChallenges {
  const isRequired = sides.every(({ senderConstrained }) => senderConstrained === 'dpop');
  const isPossible = sides.some(({ senderConstrained }) => senderConstrained === 'dpop' || senderConstrained === 'any');

  return {
    get noToken() {
      return isRequired ? { ...NO_TOKEN, dpop: check.challenge() } : NO_TOKEN;
    },
    addTo(judgement, scheme, possession) {
      if (judgement.outcome === 'accepted') return judgement;
      const isProofFlaw = judgement.reason === possession.flaw;
      const needsDpop = isProofFlaw ? possession.dpop : judgement.reason === 'proof_required' && isPossible;
      if (scheme !== 'DPoP' && !needsDpop) return judgement;
      const challenged = { ...judgement, dpop: check.challenge(isProofFlaw ? possession.error : undefined) };
      return judgement.token === undefined ? challenged : attachRejectedToken(challenged, judgement.token);
    },
  };
}
