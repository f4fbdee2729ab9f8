import type { IssuedToken } from './token-response.ts';

/** A token in the cache of a token source. */
export interface CachedToken {
  readonly accessToken: string;
  /** From this time on a new one is requested, while this one is used. */
  readonly renewAtMs: number;
  readonly expiresAtMs: number;
}

/** A token is renewed after this share of its lifetime at the earliest, and at the latest. */
const EARLIEST = 0.6;
const LATEST = 0.8;
/** A token that lives long enough is renewed at least this long before it expires. */
const MARGIN_MS = 60_000;
/** If the margin leaves less than this share of a lifetime, the token does not live long enough for it. */
const SHORTEST = 0.7;

/**
 * @param requestedAtMs when the token was requested: its lifetime counts from there.
 * @param jitter 0 to 1: spreads the renewals of a fleet that started at the same time.
 */
export function cachedToken(
  { accessToken, expiresAt }: IssuedToken,
  requestedAtMs: number,
  jitter: number,
): CachedToken {
  const expiresAtMs = expiresAt * 1000;
  return { accessToken, renewAtMs: renewalTime(requestedAtMs, expiresAtMs, jitter), expiresAtMs };
}

/** When to request the next token: between 60 % and 80 % of the lifetime, and a minute before the end if it is not short. */
export function renewalTime(requestedAtMs: number, expiresAtMs: number, jitter: number): number {
  const lifetimeMs = expiresAtMs - requestedAtMs;
  const withMarginMs = Math.min(LATEST * lifetimeMs, lifetimeMs - MARGIN_MS);
  const latestMs = withMarginMs < SHORTEST * lifetimeMs ? LATEST * lifetimeMs : withMarginMs;
  const earliestMs = EARLIEST * lifetimeMs;
  return requestedAtMs + earliestMs + jitter * (latestMs - earliestMs);
}
