import { isBearerToken } from '@crossfade/core';

/**
 * Whether only its issuer can read a token: it is a bearer token (RFC 6750 §2.1), and not a JWS, not even a broken one.
 * A JWE (RFC 7516 §3.1) is opaque too, because its content is encrypted for another party.
 */
export function isOpaqueToken(token: string): boolean {
  return token.split('.', 4).length !== 3 && isBearerToken(token);
}
