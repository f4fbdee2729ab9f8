import type { Side } from '@crossfade/core';

/** How the keys of one side's issuer are doing. Two sides of one issuer share a key set, and show the same figures. */
export interface KeyStatus {
  readonly side: Side;
  /** Seconds since the keys were last fetched; 0 for keys given as a JWKS, `null` while there are none. */
  readonly ageSeconds: number | null;
  /** How many fetches have ended in which way, since the start. */
  readonly refreshes: { readonly success: number; readonly failure: number };
}
