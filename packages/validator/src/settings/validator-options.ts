import type { Acceptance, AcceptanceSwitch, AudienceIdentity, ClaimRule, Clock, RolesClaim } from '@crossfade/core';
import type { DpopOptions } from '../dpop/dpop-options.ts';
import type { IntrospectionOptions } from '../introspection/introspection-options.ts';
import type { SignatureAlgorithm } from '../jwt/signature-algorithm.ts';
import type { KeyRefreshOptions } from '../keys/key-refresh-options.ts';
import type { JSONWebKeySet } from '../keys/key-set.ts';
import type { KeyStore } from '../keys/key-store.ts';

/**
 * The tokens that one side of the migration accepts. Exactly one of `audience` and `clientIds` identifies it. Signature,
 * issuer, audience, kind and time of a token are always checked; most other settings narrow the side further.
 */
export interface SideOptions extends AudienceIdentity {
  /** The `iss` of this side's tokens, compared character by character: an https URL (http on loopback only). */
  readonly issuer: string;
  /** The `aud` value of this side. */
  readonly audience?: string;
  /** Clients whose access tokens without `aud` belong to this side (Amazon Cognito: `client_id`, `token_use`). */
  readonly clientIds?: readonly string[];
  /**
   * The issuer's public keys, or the URL of its JWKS. Absent: found through the issuer's metadata, OpenID Connect
   * Discovery first, then RFC 8414. Two sides of one issuer share a key set, so either may name it.
   */
  readonly keys?: URL | JSONWebKeySet;
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
  /** `aud` values tolerated next to this side's own: a list, or `any`. Absent: none; such a token is rejected. */
  readonly foreignAudiences?: readonly string[] | 'any';
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
  /** Known OAuth client ids: an `aud` equal to one of them marks an ID token. */
  readonly clients?: readonly string[];
  /** How far the clocks of issuer and API may differ: a duration up to `60s`. Default: `5s`. */
  readonly clockTolerance?: string;
  /** Longer tokens are rejected unread. Default: 8192 bytes. */
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
  /** Default: `Date.now`. */
  readonly now?: Clock;
}
