import type { DpopChallenge, RejectionReason } from '@crossfade/core';
import type { TokenBinding } from '../jwt/token-binding.ts';
import type { RequestProof } from '../request/judgement-context.ts';
import { type PresentedToken, tokenText } from '../request/presented-token.ts';
import { constantTimeEqual } from './constant-time-equal.ts';
import type { DpopCheck, DpopResult } from './dpop-check.ts';

/** What a request shows of the key that its token is bound to. */
export interface ProofOfPossession {
  readonly flaw: Extract<RejectionReason, 'proof_required' | 'proof_invalid'> | undefined;
  /** With a flaw: whether DPoP is what would mend it, and what is wrong with the proof itself. */
  readonly dpop: boolean;
  readonly error?: DpopChallenge['error'];
}

export const PROVEN: ProofOfPossession = { flaw: undefined, dpop: false };
const UNPROVABLE: ProofOfPossession = { flaw: 'proof_required', dpop: false };
const NO_CERTIFICATE: ProofOfPossession = { flaw: 'proof_required', dpop: false };
const WRONG_CERTIFICATE: ProofOfPossession = { flaw: 'proof_invalid', dpop: false };
const NOT_DPOP_BOUND: ProofOfPossession = { flaw: 'proof_invalid', dpop: true };
const BOUND_TOKEN_SENT_AS_BEARER: ProofOfPossession = { flaw: 'proof_required', dpop: true };

const BY_RESULT: Readonly<Record<DpopResult, ProofOfPossession>> = {
  proven: PROVEN,
  missing: { flaw: 'proof_required', dpop: true, error: 'invalid_dpop_proof' },
  wrong_key: { flaw: 'proof_invalid', dpop: true },
  invalid_dpop_proof: { flaw: 'proof_invalid', dpop: true, error: 'invalid_dpop_proof' },
  use_dpop_nonce: { flaw: 'proof_invalid', dpop: true, error: 'use_dpop_nonce' },
};

/**
 * Looks whether the sender of a verified token has the key that the token is bound to. A scheme that does not go with
 * the token is a flaw, too: DPoP promises a proof, and Bearer gives none (RFC 9449 §7.1, §7.2).
 * @returns at once for a token that is bound to no key.
 */
export function proofOfPossession(
  binding: TokenBinding | 'unprovable' | undefined,
  presented: PresentedToken,
  proof: RequestProof | undefined,
  dpop: Pick<DpopCheck, 'prove'>,
): ProofOfPossession | Promise<ProofOfPossession> {
  const { scheme } = presented;
  if (binding === undefined) return scheme === 'DPoP' ? NOT_DPOP_BOUND : PROVEN;
  if (binding === 'unprovable') return UNPROVABLE;
  if (binding.certificate !== undefined) {
    if (proof?.certificate === undefined) return NO_CERTIFICATE;
    if (!constantTimeEqual(binding.certificate, proof.certificate)) return WRONG_CERTIFICATE;
  }
  if (binding.key === undefined) return scheme === 'DPoP' ? NOT_DPOP_BOUND : PROVEN;
  if (scheme !== 'DPoP') return BOUND_TOKEN_SENT_AS_BEARER;
  if (proof?.dpop === undefined) return BY_RESULT.missing;
  const { method, url, dpop: proofs } = proof;
  return dpop
    .prove({ method, url, token: tokenText(presented), proofs, key: binding.key })
    .then((result) => BY_RESULT[result]);
}
