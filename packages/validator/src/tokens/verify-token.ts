import type { RejectedJudgement, RejectionReason } from '@crossfade/core';
import { readCompactJws } from '../jwt/compact-jws.ts';
import { readTokenFacts } from '../jwt/token-facts.ts';
import type { IssuerKeys } from '../keys/issuer-keys.ts';
import { verifySignature } from '../keys/verify-signature.ts';
import type { VerifiedToken } from './verified-token.ts';

/** What verifying the tokens of one issuer takes. */
export interface VerifyingIssuer {
  readonly keys: IssuerKeys;
  readonly algorithms: ReadonlySet<string>;
}

/**
 * Verifies that a configured issuer signed a token, and reads its facts. Checks neither policy nor time.
 * @returns the facts and the keys that verified them, or the rejection of a token that cannot be verified.
 * @throws `UnavailableError` when the issuer's keys cannot be fetched.
 */
export async function verifyToken(
  token: string,
  issuers: ReadonlyMap<unknown, VerifyingIssuer>,
  maxTokenBytes: number,
): Promise<VerifiedToken | RejectedJudgement> {
  if (token.length > maxTokenBytes) return invalid('token_too_large');
  const jws = readCompactJws(token);
  if (jws === 'opaque') return { outcome: 'rejected', audience: 'opaque', reason: 'malformed_token' };
  if (jws === 'malformed') return invalid('malformed_token');
  const issuer = issuers.get(jws.claims['iss']);
  if (issuer === undefined) return invalid('wrong_issuer');
  const keySet = await verifySignature(jws, issuer.keys, issuer.algorithms);
  if (typeof keySet === 'string') return invalid(keySet);
  const facts = readTokenFacts(jws);
  return facts === undefined ? invalid('malformed_token') : { facts, keys: issuer.keys, keySet };
}

function invalid(reason: RejectionReason): RejectedJudgement {
  return { outcome: 'rejected', audience: 'invalid', reason };
}
