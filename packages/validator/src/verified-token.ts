import type { IssuerKeys } from './issuer-keys.ts';
import type { KeySet } from './key-set.ts';
import type { TextWithToken } from './presented-token.ts';
import type { Standing } from './standing.ts';
import type { LastingFacts, TokenFacts } from './token-facts.ts';

/** A token an issuer of ours vouches for, and what its facts rest on. */
export interface VerifiedToken {
  readonly facts: TokenFacts;
  readonly keys: IssuerKeys;
  /** The very key set that verified it. While it is the current one, the facts stand. */
  readonly keySet: KeySet;
}

/** A verified token, and what the options make of it. No verdict: that needs the switch, the clock and the request, too. */
export interface KnownToken extends LastingFacts, Omit<VerifiedToken, 'facts'> {
  readonly standing: Standing;
}

/** As the cache keeps it: in one object, since there may be many, and each more is another place to look at. */
export interface RememberedToken extends KnownToken, TextWithToken {}
