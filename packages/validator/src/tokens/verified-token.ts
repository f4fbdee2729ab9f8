import type { OwnFacts, TokenFacts } from '../jwt/token-facts.ts';
import type { IssuerKeys } from '../keys/issuer-keys.ts';
import type { KeySet } from '../keys/key-set.ts';
import type { SharedTokenData } from '../policy/shared-token-data.ts';
import type { TokenScheme } from '../request/judgement-context.ts';

/** The keys that verified a token. */
export interface VerifyingKeys {
  readonly keys: IssuerKeys;
  /** The key set that verified it. The facts are valid only while it is the current one. */
  readonly keySet: KeySet;
}

/** A token that a configured issuer signed. */
export interface VerifiedToken extends VerifyingKeys {
  readonly facts: TokenFacts;
}

/** A verified token and its policy evaluation. Not a verdict: that also needs the switch, the clock and the request. */
export interface KnownToken extends OwnFacts {
  readonly shared: SharedTokenData & VerifyingKeys;
}

/** What remembered tokens have in common. They share one object, because there may be many of them. */
export interface RememberedSharedData extends SharedTokenData, VerifyingKeys {
  /** Where the token begins in the text that it came in. */
  readonly start: number;
  /** The scheme that this text names; `undefined` where it is the token alone. */
  readonly scheme: TokenScheme | undefined;
}

/** A known token as the cache holds it. */
export interface RememberedToken extends KnownToken {
  readonly text: string;
  readonly shared: RememberedSharedData;
}
