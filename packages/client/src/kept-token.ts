import type { Minted } from './token-response.ts';

/** A token in a token source's memory. */
export interface KeptToken {
  readonly accessToken: string;
  /** From here on the next call asks for a new one. */
  readonly renewAtMs: number;
  readonly expiresAtMs: number;
}

/** A token is renewed this long before it expires, or in the last fifth of its life if that is shorter. */
const RENEWAL_MARGIN_MS = 60_000;

/** @param requestedAtMs when the token was asked for: its life counts from there. */
export function keptToken({ accessToken, expiresAt }: Minted, requestedAtMs: number): KeptToken {
  const expiresAtMs = expiresAt * 1000;
  const marginMs = Math.min(RENEWAL_MARGIN_MS, (expiresAtMs - requestedAtMs) / 5);
  return { accessToken, renewAtMs: expiresAtMs - marginMs, expiresAtMs };
}

/** The token once more, for `waitSeconds`: what is served while the provider can't be reached. Not past its expiry. */
export function spared(token: KeptToken, nowMs: number, waitSeconds: number): KeptToken {
  return { ...token, renewAtMs: Math.min(nowMs + waitSeconds * 1000, token.expiresAtMs) };
}
