/**
 * Remembers which proofs were used, for as long as they could be used again. Instances that share one notice a proof
 * that is replayed to another instance.
 */
export interface ReplayStore {
  /**
   * Claims a key, atomically: of any number of claims within `ttlSeconds`, exactly one gets `true`.
   * Throws, or rejects, when it can't tell; the request is then answered 503. Never guesses.
   */
  claim(key: string, ttlSeconds: number): boolean | Promise<boolean>;
}
