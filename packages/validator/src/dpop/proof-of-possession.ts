import type { DpopChallenge, RejectionReason } from '@crossfade/core';
import type { TokenBinding } from '../jwt/token-binding.ts';
import type { RequestProof } from '../request/judgement-context.ts';
import { type PresentedToken, tokenText } from '../request/presented-token.ts';
import { constantTimeEqual } from './constant-time-equal.ts';
import type { DpopCheck, DpopResult } from './dpop-check.ts';

/** Whether a request proves possession of the key that its token is bound to (RFC 7800). */
export interface ProofOfPossession {
  readonly flaw: Extract<RejectionReason, 'proof_required' | 'proof_invalid'> | undefined;
  /** Whether DPoP would cure the flaw. */
  readonly dpop: boolean;
  /** What is wrong with the DPoP proof itself. */
  readonly error?: DpopChallenge['error'];
}

export const PROVEN: ProofOfPossession = { flaw: undefined, dpop: false };
const UNPROVABLE: ProofOfPossession = { flaw: 'proof_required', dpop: false };
const NO_CERTIFICATE: ProofOfPossession = { flaw: 'proof_required', dpop: false };
const WRONG_CERTIFICATE: ProofOfPossession = { flaw: 'proof_invalid', dpop: false };
const NOT_DPOP_BOUND: ProofOfPossession = { flaw: 'proof_invalid', dpop: true };
const BOUND_TOKEN_SENT_AS_BEARER: ProofOfPossession = { flaw: 'proof_required', dpop: true };

const OF_DPOP_RESULT: Readonly<Record<DpopResult, ProofOfPossession>> = {
  proven: PROVEN,
  missing: { flaw: 'proof_required', dpop: true, error: 'invalid_dpop_proof' },
  wrong_key: { flaw: 'proof_invalid', dpop: true },
  invalid_dpop_proof: { flaw: 'proof_invalid', dpop: true, error: 'invalid_dpop_proof' },
  use_dpop_nonce: { flaw: 'proof_invalid', dpop: true, error: 'use_dpop_nonce' },
};

/**
 * Checks whether the sender of a verified token holds the key that the token is bound to. A scheme that does not match
 * the token is a flaw, too: DPoP with an unbound token, Bearer with a DPoP-bound one (RFC 9449 §7.1, §7.2).
 * @returns a promise only for a DPoP proof.
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
  if (proof?.dpop === undefined) return OF_DPOP_RESULT.missing;
  const { method, url, dpop: proofs } = proof;
  return dpop
    .prove({ method, url, token: tokenText(presented), proofs, key: binding.key })
    .then((result) => OF_DPOP_RESULT[result]);
}
