import type { TokenEndpointResponse } from 'openid-client';

/** What a token response tells its client. The access token itself is opaque (RFC 6749 §1.4). */
export interface Minted {
  readonly accessToken: string;
  /** Seconds since the epoch. */
  readonly expiresAt: number;
  /** The granted scope; `undefined` when the response says nothing, which means: as requested. */
  readonly scope: string | undefined;
}

/** How long a token counts as valid when its response says nothing: short, because guessing long breaks requests. */
const UNTOLD_LIFETIME_SECONDS = 60;

/** @param requestedAtMs when the request was sent, so that a slow answer makes no token look younger than it is. */
export function readTokenResponse(response: TokenEndpointResponse, requestedAtMs: number): Minted {
  const lifetimeSeconds = response.expires_in ?? UNTOLD_LIFETIME_SECONDS;
  return {
    accessToken: response.access_token,
    expiresAt: Math.floor(requestedAtMs / 1000) + lifetimeSeconds,
    scope: response.scope,
  };
}
