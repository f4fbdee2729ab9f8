import type { TokenEndpointResponse } from 'openid-client';

/** The contents of a token response. The access token itself is opaque (RFC 6749 §1.4). */
export interface IssuedToken {
  readonly accessToken: string;
  /** Seconds since the epoch. */
  readonly expiresAt: number;
  /** The granted scope; `undefined` when the response has none, which means: as requested. */
  readonly scope: string | undefined;
}

/** The lifetime of a token whose response has no `expires_in`: short, because an expired token breaks requests. */
const DEFAULT_LIFETIME_SECONDS = 60;

/** @param requestedAtMs when the request was sent, so that a slow response does not make a token look newer than it is. */
export function readTokenResponse(response: TokenEndpointResponse, requestedAtMs: number): IssuedToken {
  const lifetimeSeconds = response.expires_in ?? DEFAULT_LIFETIME_SECONDS;
  return {
    accessToken: response.access_token,
    expiresAt: Math.floor(requestedAtMs / 1000) + lifetimeSeconds,
    scope: response.scope,
  };
}
