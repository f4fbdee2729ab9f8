import type { IssuedToken } from './token-response.ts';

/** A token in the cache of a token source. */
export interface CachedToken {
  readonly accessToken: string;
  /** From this time on the next call requests a new one. */
  readonly renewAtMs: number;
  readonly expiresAtMs: number;
}

/** A token is renewed this long before it expires, or in the last fifth of its lifetimetime if that is shorter. */
const RENEWAL_MARGIN_MS = 60_000;

/** @param requestedAtMs when the token was requested: its lifetime counts from there. */
export function cachedToken({ accessToken, expiresAt }: IssuedToken, requestedAtMs: number): CachedToken {
  const expiresAtMs = expiresAt * 1000;
  const marginMs = Math.min(RENEWAL_MARGIN_MS, (expiresAtMs - requestedAtMs) / 5);
  return { accessToken, renewAtMs: expiresAtMs - marginMs, expiresAtMs };
}

/** Postpones the renewal by `waitSeconds` while the provider cannot be reached, but not past the token's expiry. */
export function extendRetry(token: CachedToken, nowMs: number, waitSeconds: number): CachedToken {
  return { ...token, renewAtMs: Math.min(nowMs + waitSeconds * 1000, token.expiresAtMs) };
}
