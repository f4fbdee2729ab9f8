import type { AudienceIdentity, ClaimRule } from '@crossfade/core';

/** One side, checked and with its defaults filled in. */
export interface SideSettings {
  /** The first spelling of the issuer: its name. */
  readonly issuer: string;
  /** What a token must carry to belong to this side. */
  readonly identity: AudienceIdentity;
  readonly algorithms: ReadonlySet<string>;
  readonly typ?: 'at+jwt';
  /** Whether introspected tokens count; otherwise a token of this side has to be a JWT. */
  readonly takesOpaque: boolean;
  readonly requiredScope: readonly string[];
  readonly allowedClients?: ReadonlySet<string>;
  /** What a token of this side has to be bound to. */
  readonly senderConstrained?: 'dpop' | 'mtls' | 'any';
  readonly claims: readonly (readonly [name: string, rule: ClaimRule])[];
  /** The path to the claim that names roles; absent: the usual places. */
  readonly rolesClaim?: readonly string[];
  /** Every `aud` value that a token of this side may carry: its own, the other side's of the same issuer, allowed ones. */
  readonly toleratedAudiences: ReadonlySet<string> | 'any';
}

/** The settings that a policy evaluation depends on. */
export interface Policy {
  readonly legacy: SideSettings;
  readonly target: SideSettings | undefined;
  /** Every client id that the options name. */
  readonly clientIds: ReadonlySet<string>;
  /** Whether the options list the clients; otherwise an id that is not among them may be a client's all the same. */
  readonly clientsAreKnown: boolean;
}
