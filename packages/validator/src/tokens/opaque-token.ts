import { isBearerToken } from '@crossfade/core';

/**
 * Whether nobody but its issuer can tell what a token says: it is a bearer token (RFC 6750 §2.1), and no JWS, not even
 * a broken one. A JWE (RFC 7516 §3.1) is as opaque as any, because its content is for somebody else.
 */
export function isOpaqueToken(token: string): boolean {
  return token.split('.', 4).length !== 3 && isBearerToken(token);
}
