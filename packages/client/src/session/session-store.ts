/** A session as a store keeps it: sealed, so that a store holds no token and no name of a user. JSON. */
export interface StoredSession {
  /** The session, encrypted with a key that only the cookie of its browser gives. */
  readonly sealed: string;
  /** Random, another one for each change: `replace` compares it, so that no spent token overwrites a newer one. */
  readonly version: string;
  /** A hash of the issuer and the user, for {@link SessionStore.deleteWhere}. */
  readonly sub?: string;
  /** A hash of the issuer and the session there, or the user if it has no name, for {@link SessionStore.deleteWhere}. */
  readonly sid?: string;
}

/** Releases a lock. Does nothing if it has run out. Never rejects. */
export type ReleaseLock = () => Promise<void>;

/**
 * Where sessions and pending logins are kept: in memory by default; in Redis for several instances. Keys are hashes. All
 * methods reject with `UnavailableError` while the store cannot be reached.
 */
export interface SessionStore {
  get(key: string): Promise<StoredSession | undefined>;
  /** @param lifetimeMs after which the session is gone. */
  create(key: string, session: StoredSession, lifetimeMs: number): Promise<void>;
  /**
   * Replaces a session if it is still there with the version `expected`. Returns whether it did.
   * @param lifetimeMs counts from now; without it the session keeps what it has left.
   */
  replace(key: string, session: StoredSession, expected: string, lifetimeMs?: number): Promise<boolean>;
  /** Returns whether there was a session: of several concurrent calls one gets `true`. */
  delete(key: string): Promise<boolean>;
  /** Deletes every session of a user, or of a session at the provider. Returns how many there were. */
  deleteWhere(where: { readonly sub: string } | { readonly sid: string }): Promise<number>;
  /**
   * Takes the lock of a key, which is not the session's own: at most one holder at a time, over all instances.
   * @param waitMs how long to wait for it; 0: not at all.
   * @param holdMs after which it is released, whatever became of its holder.
   * @returns `undefined` if it was not free in time.
   */
  lock(key: string, waitMs: number, holdMs: number): Promise<ReleaseLock | undefined>;
}
