import type { CensusKind } from '@crossfade/core/status';
import { readCompactJws } from '../jwt/compact-jws.ts';
import { readAudiences, readClientId, readTokenType } from '../jwt/token-facts.ts';
import { statedTokenKind } from '../policy/token-kind.ts';
import { presentedToken, tokenText } from '../request/presented-token.ts';

/** What a token says of itself. Nothing in it is verified: an attacker may have written it. */
export interface TokenDescription {
  readonly kind: Exclude<CensusKind, 'rest'>;
  /** `null` where the token names none, or is not read. */
  readonly issuer: string | null;
  readonly audiences: readonly string[];
  readonly clientId: string | null;
  /** The length of the token. */
  readonly bytes: number;
}

const NAMELESS = { issuer: null, audiences: [], clientId: null } as const;

/**
 * Describes the token of an `Authorization` header, for a census of what arrives. Checks no signature, fetches nothing
 * that the token names, and tells neither its subject nor any other claim.
 * @param authorization the header; all of its values if the request repeats it.
 * @param maxTokenBytes a longer token is not read.
 */
export function describeToken(
  authorization: string | readonly string[] | undefined,
  maxTokenBytes: number,
): TokenDescription {
  const presented = presentedToken(authorization);
  if (presented === undefined) return { ...NAMELESS, kind: 'none', bytes: 0 };
  const token = tokenText(presented);
  const bytes = token.length;
  if (bytes > maxTokenBytes) return { ...NAMELESS, kind: 'too_large', bytes };
  const jws = readCompactJws(token);
  if (typeof jws === 'string') return { ...NAMELESS, kind: jws, bytes };
  const { type, claims } = jws;
  const { iss, aud } = claims;
  return {
    kind: statedTokenKind({ claims, type: readTokenType(type) }) ?? 'unmarked',
    issuer: typeof iss === 'string' ? iss : null,
    audiences: readAudiences(aud) ?? [],
    clientId: readClientId(claims) ?? null,
    bytes,
  };
}
