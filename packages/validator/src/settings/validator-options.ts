import type {
  Acceptance,
  AcceptanceSwitch,
  AudienceIdentity,
  Brownout,
  BrownoutSwitch,
  ClaimRule,
  Clock,
  KeysPlan,
  RolesClaim,
  SignatureAlgorithm,
} from '@crossfade/core';
import type { DpopOptions } from '../dpop/dpop-options.ts';
import type { TokenExchange } from '../exchange/token-exchange.ts';
import type { IntrospectionOptions } from '../introspection/introspection-options.ts';
import type { KeyRefreshOptions } from '../keys/key-refresh-options.ts';
import type { JSONWebKeySet } from '../keys/key-set.ts';
import type { KeyStore } from '../keys/key-store.ts';
import type { IsRevoked } from '../revocation/denylist.ts';

/**
 * The tokens that one side of the migration accepts. Exactly one of `audience`, `clientIds`, `withoutAudience` and
 * `anyAudience` identifies it. Signature, issuer, audience, kind and time of a token are always checked; most other
 * settings narrow the side further.
 */
export interface SideOptions extends AudienceIdentity {
  /**
   * The `iss` of this side's tokens, compared character by character: an https URL (http on loopback only), or any other
   * name if `keys` are given. A list holds several spellings of one issuer.
   */
  readonly issuer: string | readonly string[];
  /** The `aud` value of this side; a list holds all that its tokens may carry. One of them is enough (RFC 7519 §4.1.3). */
  readonly audience?: string | readonly string[];
  /** Clients whose access tokens without `aud` belong to this side (Amazon Cognito: `client_id`, `token_use`). */
  readonly clientIds?: readonly string[];
  /** Access tokens without `aud` belong to this side if they are marked as such, or come from a known client. */
  readonly withoutAudience?: true;
  /**
   * Whatever access token of this issuer is not the target's belongs to this side. Legacy only, and only with `clients`.
   * It accepts tokens that were issued for other APIs (a confused deputy): `acknowledgeRisk` has to say so.
   */
  readonly anyAudience?: true;
  /** Required by `anyAudience`. */
  readonly acknowledgeRisk?: true;
  /**
   * The issuer's public keys, or the URL of its JWKS: an https URL, or `{ url, allowHttp: true }` for an http URL in a
   * network that the operator trusts. Absent: found through the issuer's metadata, OpenID Connect Discovery first, then
   * RFC 8414. Two sides of one issuer share a key set, so either may name it.
   */
  readonly keys?: URL | KeysPlan | { readonly url: URL; readonly allowHttp: true } | JSONWebKeySet;
  /** Signature algorithms to accept; asymmetric ones only. Absent: all of {@link SIGNATURE_ALGORITHMS}. */
  readonly algorithms?: readonly SignatureAlgorithm[];
  /** `at+jwt` accepts only JWTs that are RFC 9068 tokens. Absent: other access tokens too, but never an ID token. */
  readonly typ?: 'at+jwt';
  /** Scope values that every token of this side must carry. */
  readonly requiredScope?: readonly string[];
  /** The OAuth clients whose tokens this side accepts; absent: all. */
  readonly allowedClients?: readonly string[];
  /**
   * Accepts only tokens that are bound to a key of their sender: by DPoP (RFC 9449), to a client certificate (RFC 8705),
   * or either. Absent: bearer tokens too; a bound token needs its proof in any case.
   */
  readonly senderConstrained?: 'dpop' | 'mtls' | 'any';
  /** Claims a token must carry: equal to the value, or to one of a list; an array claim must contain one. */
  readonly claims?: Readonly<Record<string, ClaimRule>>;
  /**
   * The only claim from which roles are read: its exact name (`cognito:groups`, `https://example.com/roles`), or the
   * path to a nested one as a list (`['realm_access', 'roles']`).
   * Absent: `roles` (RFC 9068 §2.2.3.1), or `cognito:groups` in a token without `roles`.
   */
  readonly rolesClaim?: RolesClaim;
  /**
   * `aud` values tolerated next to this side's own: a list, or `refuse` for none. Absent: all, because one value is enough
   * (RFC 7519 §4.1.3); but a token whose other value is a known client id has to be marked as an access token.
   */
  readonly foreignAudiences?: 'refuse' | readonly string[];
  /** Accepts opaque tokens of this side too, and asks its issuer about them. Absent: opaque tokens are rejected. */
  readonly introspection?: IntrospectionOptions;
}

/** Limits of the cache of verified tokens. */
export interface CacheOptions {
  /** Default: 8192. At least 8; rounded down to a power of two. */
  readonly maxEntries?: number;
  /** Bytes of tokens; their facts take about half as much again. Default: 16 MiB. */
  readonly maxBytes?: number;
}

/** Options of {@link createValidator}. */
export interface ValidatorOptions {
  /** The side to migrate away from. */
  readonly legacy: SideOptions;
  /** The side to migrate to. Absent in phase `prepare`: the API then accepts legacy tokens only. */
  readonly target?: SideOptions;
  /** Which audiences are accepted: a position, or a switch that is read at every request. Default: `both`. */
  readonly acceptance?: Acceptance | AcceptanceSwitch;
  /**
   * Known OAuth client ids: an `aud` equal to one of them marks an ID token, unless the token says that it is an access
   * token. Required where an audience may be a client id: it is no URI, and the side demands neither `typ` nor scope.
   */
  readonly clients?: readonly string[];
  /** How far the clocks of issuer and API may differ: a duration up to `5m`. Default: `60s`. */
  readonly clockTolerance?: string;
  /** Longer tokens are rejected unread. Default: 16,384 bytes. */
  readonly maxTokenBytes?: number;
  /**
   * Remembers the facts of verified tokens, never a verdict: acceptance, proof and time are checked at every request,
   * and an entry ends with its token or with its issuer's key set. `false` remembers nothing. Default: `{}`.
   */
  readonly cache?: false | CacheOptions;
  /** When fetched keys are refreshed, and when they end. */
  readonly keyRefresh?: KeyRefreshOptions;
  /** Keeps fetched keys beyond the process. Absent: a starting process has to fetch them first. */
  readonly keyStore?: KeyStore;
  /** How DPoP proofs are checked. */
  readonly dpop?: DpopOptions;
  /**
   * Exchanges opaque tokens for JWTs, which are verified and judged in their place: phantom tokens. Opaque tokens are then
   * not introspected. Absent: they are where a side has `introspection`, and rejected otherwise.
   */
  readonly exchange?: TokenExchange;
  /**
   * Says of a token that is accepted otherwise whether it was revoked before its expiry; it then gets the reason
   * `revoked`. Asked once for each judgement, after policy and proof. A promise makes every judgement wait: a denylist in
   * memory answers at once. What it throws, rejects, or leaves open for 5 s makes the token impossible to judge: 503.
   * Absent: a JWT is accepted until it expires.
   */
  readonly isRevoked?: IsRevoked;
  /**
   * Says which brownout is commanded, if any: `brownoutSwitch(flags)`. Legacy tokens of its share of clients, the same ones
   * each time, are then rejected with `brownout` if they are accepted otherwise; a token without a client id is not, nor is
   * one with both audiences. Read at each request with a legacy token; one that throws commands none. Absent: none.
   */
  readonly brownout?: BrownoutSwitch;
  /**
   * Called when this validator stops a brownout for itself, because within a minute it would have refused more than 20
   * requests and more than 5 % of those with valid tokens. It begins again when the flag changes. For logs.
   */
  readonly onBrownoutStopped?: (brownout: Brownout) => void;
  /** Default: `Date.now`. */
  readonly now?: Clock;
}
