import type { RejectedJudgement, RejectionReason } from '@crossfade/core';
import { readCompactJws } from '../jwt/compact-jws.ts';
import { readTokenFacts } from '../jwt/token-facts.ts';
import type { IssuerKeys } from '../keys/issuer-keys.ts';
import { verifySignature } from '../keys/verify-signature.ts';
import type { VerifiedToken } from './verified-token.ts';

/** One issuer as a verifier needs it. */
export interface VerifyingIssuer {
  readonly keys: IssuerKeys;
  readonly algorithms: ReadonlySet<string>;
}

/**
 * Establishes the facts of a token: that an issuer of ours signed it, and what it says. Says nothing about whether
 * the token may enter, nor about its time.
 * @returns the facts and what they rest on, or the rejection of a token whose facts nobody vouches for.
 * @throws `UnavailableError` when the issuer's keys can't be had.
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
