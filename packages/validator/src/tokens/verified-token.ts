import type { OwnFacts, TokenFacts } from '../jwt/token-facts.ts';
import type { IssuerKeys } from '../keys/issuer-keys.ts';
import type { KeySet } from '../keys/key-set.ts';
import type { TokenGroup } from '../policy/shared-token-data.ts';
import type { TokenScheme } from '../request/judgement-context.ts';

/** Who vouches for a token. */
export interface Voucher {
  readonly keys: IssuerKeys;
  /** The very key set that verified it. While it is the current one, the facts stand. */
  readonly keySet: KeySet;
}

/** A token an issuer of ours vouches for. */
export interface VerifiedToken extends Voucher {
  readonly facts: TokenFacts;
}

/** A verified token, and what the options make of it. No verdict: that needs the switch, the clock and the request, too. */
export interface KnownToken extends OwnFacts {
  readonly group: TokenGroup & Voucher;
}

/** What remembered tokens have in common; they hold one of it between them, since there may be many of them. */
export interface RememberedGroup extends TokenGroup, Voucher {
  /** Where the token begins in the text that it came in. */
  readonly start: number;
  /** The scheme that this text names; `undefined` where it is the token alone. */
  readonly scheme: TokenScheme | undefined;
}

/** As the cache keeps it. */
export interface RememberedToken extends KnownToken {
  readonly text: string;
  readonly group: RememberedGroup;
}
