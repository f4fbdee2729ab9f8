import { customOption, isObject } from '@crossfade/core/schema';

/**
 * Exchanges tokens that only their issuer can read for access-token JWTs: phantom tokens. The validator verifies each JWT
 * and judges it in place of the token.
 */
export interface TokenExchange {
  /**
   * Exchanges one token.
   * @param history - `known` if it was exchanged before; an attacker can only make up `new` ones.
   * @returns the JWT; `undefined` if the token is not active.
   * @throws `UnavailableError` if it cannot be exchanged now. Every other error counts as one.
   */
  exchange(token: string, history?: 'known' | 'new'): Promise<string | undefined>;
  /** How long a JWT is used before its token is exchanged again, and a revoked token lives on. Default: 30. */
  readonly maxAgeSeconds?: number;
  /** Aborts requests that are under way. */
  close?(): void;
}

/** `exchange` of the options. */
export const tokenExchangeSchema = customOption<TokenExchange>(
  (value) => isObject(value) && typeof value['exchange'] === 'function',
  'an object with the function exchange',
).optional();
