import type { IssuerKeys } from './issuer-keys.ts';
import type { KeySet } from './key-set.ts';
import type { Standing } from './standing.ts';
import type { LastingFacts, TokenFacts } from './token-facts.ts';

/** A token an issuer of ours vouches for, and what its facts rest on. */
export interface VerifiedToken {
  readonly facts: TokenFacts;
  readonly keys: IssuerKeys;
  /** The very key set that verified it. While it is the current one, the facts stand. */
  readonly keySet: KeySet;
}

/**
 * A verified token as the cache keeps it, in one object, since there may be many. No verdict: that needs the switch, the
 * clock and the request, too.
 */
export interface KnownToken extends LastingFacts, Omit<VerifiedToken, 'facts'> {
  readonly standing: Standing;
}
