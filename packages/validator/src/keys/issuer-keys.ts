import type { Side } from '@crossfade/core';
import type { KeyFailure } from './key-failure.ts';
import type { KeySet } from './key-set.ts';

/** The state of the keys of one side's issuer. Two sides of one issuer share a key set, and so these figures. */
export interface KeyStatus {
  readonly side: Side;
  /** Seconds since the last successful fetch; 0 for a JWKS in the options, `null` while there are no keys. */
  readonly ageSeconds: number | null;
  /** How many fetches succeeded and failed since the start. */
  readonly refreshes: { readonly success: number; readonly failure: number };
  /**
   * Why no token of this side can be verified at the moment: `https://idp.example.com did not respond in time`. Names a
   * server, and nothing else of the options. Absent while one can, and where a side may do without keys: its opaque tokens
   * are introspected.
   */
  readonly missing?: string;
}

/** The keys of one issuer, local or remote. */
export interface IssuerKeys {
  /**
   * The key set to verify with; not a promise if a usable one is in memory. The same object as long as the issuer's
   * keys stay the same.
   * @throws (or rejects with) `UnavailableError` when there is no usable key set and none can be fetched.
   */
  current(): KeySet | Promise<KeySet>;
  /** Whether `keySet` is the one to verify with now. Never waits. */
  isCurrent(keySet: KeySet, nowMs: number): boolean;
  /**
   * Fetches a key set newer than `known`. Resolves to `known` itself if the keys are the same or the rate limit allows
   * no fetch.
   * @throws `UnavailableError` when the issuer cannot be reached, or too many callers wait for it.
   */
  newerThan(known: KeySet): Promise<KeySet>;
  status(): Omit<KeyStatus, 'side' | 'missing'>;
  /** Why there are no usable keys; `undefined` while there are. Fetches nothing. */
  missing(): KeyFailure | undefined;
  close(): void;
}

/** Keys from the options, which never change. */
export function localKeys(keySet: KeySet): IssuerKeys {
  return {
    current: () => keySet,
    isCurrent: (other) => other === keySet,
    newerThan: async (known) => known,
    status: () => ({ ageSeconds: 0, refreshes: { success: 0, failure: 0 } }),
    missing: () => undefined,
    close: () => {},
  };
}
