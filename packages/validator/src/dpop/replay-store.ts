/**
 * Remembers used proofs for as long as they could be replayed. Instances that share a store detect a replay across
 * instances.
 */
export interface ReplayStore {
  /**
   * Claims a key, atomically: of any number of claims within `ttlSeconds`, exactly one gets `true`.
   * Throws or rejects when it cannot tell; the response is then 503. Never guesses.
   */
  claim(key: string, ttlSeconds: number): boolean | Promise<boolean>;
}
