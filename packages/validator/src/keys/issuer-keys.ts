import type { Side } from '@crossfade/core';
import type { KeySet } from './key-set.ts';

/** How the keys of one side's issuer are doing. Two sides of one issuer share a key set, and show the same figures. */
export interface KeyStatus {
  readonly side: Side;
  /** Seconds since the keys were last fetched; 0 for keys given as a JWKS, `null` while there are none. */
  readonly ageSeconds: number | null;
  /** How many fetches have ended in which way, since the start. */
  readonly refreshes: { readonly success: number; readonly failure: number };
}

/** The keys of one issuer, wherever they come from. */
export interface IssuerKeys {
  /**
   * The key set to verify with: at once when there is one, for as long as it may be used. The same one for as long as
   * the issuer's keys stay the same.
   * @throws (or rejects with) `UnavailableError` when there is none and none can be had.
   */
  current(): KeySet | Promise<KeySet>;
  /** Whether `keySet` is the one to verify with right now. Never waits. */
  isCurrent(keySet: KeySet, nowMs: number): boolean;
  /**
   * Looks for keys that `known` lacks. Resolves to `known` itself when no newer look is to be had, or none is due.
   * @throws `UnavailableError` when it can't be told whether there are newer keys.
   */
  newerThan(known: KeySet): Promise<KeySet>;
  status(): Omit<KeyStatus, 'side'>;
  close(): void;
}

/** Keys that were given once and for all. */
export function localKeys(keySet: KeySet): IssuerKeys {
  return {
    current: () => keySet,
    isCurrent: (other) => other === keySet,
    newerThan: async (known) => known,
    status: () => ({ ageSeconds: 0, refreshes: { success: 0, failure: 0 } }),
    close: () => {},
  };
}
