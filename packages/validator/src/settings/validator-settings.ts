import type { AcceptanceSwitch, AudienceIdentity, ClaimRule, Clock } from '@crossfade/core';
import type { DpopSettings } from '../dpop/dpop-settings.ts';
import type { IntrospectionSettings } from '../introspection/introspection-settings.ts';
import type { KeySeed } from '../keys/key-store.ts';
import type { JSONWebKeySet } from './validator-options.ts';

/** One side, checked and with its defaults filled in. */
export interface SideSettings extends AudienceIdentity {
  readonly algorithms: ReadonlySet<string>;
  readonly typ?: 'at+jwt';
  /** Whether an issuer's word about an opaque token counts; else a token of this side has to be a JWT. */
  readonly takesOpaque: boolean;
  readonly requiredScope: readonly string[];
  readonly clients?: ReadonlySet<string>;
  /** What a token of this side has to be bound to. */
  readonly senderConstrained?: 'dpop' | 'mtls' | 'any';
  readonly claims: readonly (readonly [name: string, rule: ClaimRule])[];
  /** The path to the claim that names roles; absent: the usual places. */
  readonly rolesClaim?: readonly string[];
  /** Every `aud` value a token of this side may carry: its own, that of a sibling with the same issuer, allowed others. */
  readonly toleratedAudiences: ReadonlySet<string> | 'any';
}

/** How long fetched keys serve, and where they outlive the process. */
export interface KeyRefreshSettings {
  readonly refreshAfterMs: number;
  readonly usableForMs: number;
  readonly seed?: KeySeed | undefined;
}

/** Where the keys of one issuer come from: given, at a URL, or found through the issuer's metadata. */
export type KeySource = JSONWebKeySet | URL | 'metadata';

export interface IssuerSettings {
  readonly keys: KeySource;
  /** Of all sides of this issuer; each side looks again. */
  readonly algorithms: ReadonlySet<string>;
}

/** The options of a validator, checked and with their defaults filled in. */
export interface ValidatorSettings {
  readonly legacy: SideSettings;
  readonly target: SideSettings | undefined;
  readonly issuers: ReadonlyMap<string, IssuerSettings>;
  /** Whom to ask about opaque tokens, in the order in which their words count. */
  readonly introspection: readonly IntrospectionSettings[];
  readonly dpop: DpopSettings;
  readonly acceptance: AcceptanceSwitch;
  /** Every client id that the options name. */
  readonly clientIds: ReadonlySet<string>;
  readonly clockToleranceSeconds: number;
  readonly maxTokenBytes: number;
  readonly keyRefresh: KeyRefreshSettings;
  readonly cache: false | { readonly maxEntries: number; readonly maxBytes: number };
  readonly now: Clock;
}
