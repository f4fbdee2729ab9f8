/**
 * How the opaque tokens of one side are asked about (RFC 7662): tokens that are no JWT, whose issuer alone knows what
 * they say. A JWT is always verified here, whatever its side; nobody is asked about it.
 */
export interface IntrospectionOptions {
  /** An https URL (http on loopback only). Absent: `introspection_endpoint` of the issuer's metadata. */
  readonly endpoint?: URL | string;
  /** What this API is called at the issuer. */
  readonly clientId: string;
  readonly clientSecret: string;
  /** How the API proves who it is (RFC 6749 §2.3.1). Default: `client_secret_basic`. */
  readonly authentication?: 'client_secret_basic' | 'client_secret_post';
  /**
   * `jwt` asks for answers that the issuer signed for this API (RFC 9701), and takes nothing else. `json` asks for
   * plain ones; a signed answer that comes all the same is verified. Default: `json`.
   */
  readonly response?: 'json' | 'jwt';
  /**
   * `true`: the endpoint calls no token active that is meant for another audience, so an answer without `aud` stands
   * for this side's; it must then name an access token in `token_type`. Default: `false`, which refuses such an
   * answer with `wrong_audience`.
   */
  readonly impliesAudience?: boolean;
  /**
   * How long an answer may be used again, at most until the token expires: a revoked token may live on for as long.
   * From 0, which asks every time, to 3600. Default: 30.
   */
  readonly maxAgeSeconds?: number;
  /** After this long a question is given up, and the request answered 503. From 1 to 60,000. Default: 5000. */
  readonly timeoutMs?: number;
}
