import { type Clock, type RejectedJudgement, type RejectionReason, UnavailableError } from '@crossfade/core';
import { readCompactJws } from '../jwt/compact-jws.ts';
import type { JsonObject } from '../jwt/strict-json.ts';
import { readTokenFacts } from '../jwt/token-facts.ts';
import type { IssuerKeys } from '../keys/issuer-keys.ts';
import { verifySignature } from '../keys/verify-signature.ts';
import type { Policy } from '../policy/side-settings.ts';
import { rejectUnreadable } from '../policy/unreadable-token.ts';
import type { VerifiedToken } from './verified-token.ts';

/** What verifying the tokens of one issuer takes. */
export interface VerifyingIssuer {
  readonly keys: IssuerKeys;
  readonly algorithms: ReadonlySet<string>;
}

/** What a token is verified by, apart from the issuers' keys. */
export interface VerificationRules extends Pick<Policy, 'legacy' | 'target'> {
  readonly maxTokenBytes: number;
  readonly clockToleranceSeconds: number;
  readonly now: Clock;
}

/**
 * Verifies that a configured issuer signed a token, and reads its facts. Checks neither policy nor time.
 * @returns the facts and the keys that verified them, or the rejection of a token that cannot be verified or read.
 * @throws `UnavailableError` when the issuer's keys cannot be fetched, unless the token itself says that it has expired.
 */
export async function verifyToken(
  token: string,
  issuers: ReadonlyMap<unknown, VerifyingIssuer>,
  rules: VerificationRules,
): Promise<VerifiedToken | RejectedJudgement> {
  if (token.length > rules.maxTokenBytes) return invalid('token_too_large');
  const jws = readCompactJws(token);
  if (jws === 'opaque') return { outcome: 'rejected', audience: 'opaque', reason: 'malformed_token' };
  if (jws === 'malformed') return invalid('malformed_token');
  const issuer = issuers.get(jws.claims['iss']);
  if (issuer === undefined) return invalid('wrong_issuer');
  const expiredBefore = rules.now() / 1000 - rules.clockToleranceSeconds;
  const keySet = await verifySignature(jws, issuer.keys, issuer.algorithms).catch((error: unknown) => {
    // Whatever the keys are, this token is not valid: replaying it must not make a meter look blind.
    if (error instanceof UnavailableError && isExpired(jws.claims, expiredBefore)) return EXPIRED;
    throw error;
  });
  if (typeof keySet === 'string') return invalid(keySet);
  const facts = readTokenFacts(jws);
  if (facts !== undefined) return { facts, keys: issuer.keys, keySet };
  return rejectUnreadable(jws.claims, rules, isExpired(jws.claims, expiredBefore));
}

const EXPIRED: Extract<RejectionReason, 'expired'> = 'expired';

function isExpired({ exp }: JsonObject, expiredBefore: number): boolean {
  return (typeof exp === 'number' || typeof exp === 'string') && Number(exp) <= expiredBefore;
}

function invalid(reason: RejectionReason): RejectedJudgement {
  return { outcome: 'rejected', audience: 'invalid', reason };
}
