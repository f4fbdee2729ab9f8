/** How a token was presented: the scheme of the `Authorization` header (RFC 6750 §2.1, RFC 9449 §7.1). */
export type TokenScheme = 'Bearer' | 'DPoP';

/** What a request shows besides its token, for tokens that are bound to a key of their sender. */
export interface RequestProof {
  readonly method: string;
  /**
   * Absolute, as the client saw it. Several where that is open: a proxy that strips the path `/orders` leaves `/` of
   * `/orders` and of `/orders/`.
   */
  readonly url: string | readonly string[];
  /** Every value of the `DPoP` header (RFC 9449 §4.1). */
  readonly dpop?: readonly string[];
  /** The SHA-256 thumbprint of the client's certificate in base64url: `x5t#S256` (RFC 8705 §3.1). */
  readonly certificate?: string;
}

/** What the caller knows about the request that carried a token. */
export interface JudgementContext {
  /** Scope values that this request needs, beyond what the side requires. */
  readonly scope?: readonly string[];
  /** The scheme that the token came with. Default: `Bearer`. */
  readonly scheme?: TokenScheme;
  /** Proves that the sender holds the key of a bound token. */
  readonly proof?: RequestProof;
}
