/**
 * What a token turned out to be: `legacy`, `target`, `bridge` (carries both audiences), `foreign` (verified, neither),
 * `opaque` (not a JWT, and no introspection configured), `invalid` (not verifiable), `none` (no token).
 * `legacy`, `target`, `bridge` and `foreign` imply a verified signature.
 */
export const AUDIENCE_CLASSES = ['legacy', 'target', 'bridge', 'foreign', 'opaque', 'invalid', 'none'] as const;
export type AudienceClass = (typeof AUDIENCE_CLASSES)[number];

/** Whether a token of this class carries a verified signature, so that an outsider cannot make it up. */
export function isVerifiedClass(audience: AudienceClass): boolean {
  return audience !== 'opaque' && audience !== 'invalid' && audience !== 'none';
}

/** The classes that name one of our two audiences, or both. */
export type MigrationClass = 'legacy' | 'target' | 'bridge';

/**
 * Identifies one side of the migration in a verified token. An audience belongs to its issuer. A side is known by exactly
 * one of `audience`, `clientIds`, `withoutAudience` and `anyAudience`.
 */
export interface AudienceIdentity {
  /** The `iss` of this side's tokens, compared character by character; a list holds several spellings of one issuer. */
  readonly issuer: string | readonly string[];
  /** The `aud` value of this side; a list holds all that its tokens may carry, and the first one is its name. */
  readonly audience?: string | readonly string[] | undefined;
  /** Client ids whose tokens without `aud` belong to this side (Amazon Cognito). */
  readonly clientIds?: readonly string[] | undefined;
  /** Every access token without `aud` belongs to this side. */
  readonly withoutAudience?: true | undefined;
  /** Every access token of this issuer that is not the other side's belongs to this side. Legacy only. */
  readonly anyAudience?: true | undefined;
}

/** The name of a side for people, dashboards and the confirmation of a close: its first audience or client id. */
export function sideName({ audience, clientIds, anyAudience }: AudienceIdentity): string {
  return [audience].flat()[0] ?? clientIds?.[0] ?? (anyAudience === true ? 'any-audience' : 'without-audience');
}

export interface AudiencePair {
  readonly legacy: AudienceIdentity;
  readonly target: AudienceIdentity;
}

/** The verified claims that decide the class; `audiences` is `aud` as a list (RFC 7519 §4.1.3). */
export interface TokenAddress {
  readonly issuer: string;
  readonly audiences: readonly string[];
  readonly clientId?: string | undefined;
}

/** Classifies a *verified* token. The order of its audiences makes no difference. */
export function classifyAudience(token: TokenAddress, pair: AudiencePair): MigrationClass | 'foreign' {
  const target = isAddressedTo(token, pair.target);
  const legacy = isAddressedTo(token, pair.legacy) || (isAnyAudience(token, pair.legacy) && !target);
  if (legacy && target) return 'bridge';
  if (legacy) return 'legacy';
  return target ? 'target' : 'foreign';
}

function isAddressedTo(token: TokenAddress, side: AudienceIdentity): boolean {
  if (!isFrom(token, side)) return false;
  if (token.audiences.length > 0)
    return [side.audience].flat().some((audience) => audience !== undefined && token.audiences.includes(audience));
  if (side.withoutAudience === true) return true;
  return token.clientId !== undefined && side.clientIds?.includes(token.clientId) === true;
}

/** What matches every audience matches first what is no other side's: it never makes a bridge. */
function isAnyAudience(token: TokenAddress, side: AudienceIdentity): boolean {
  return side.anyAudience === true && isFrom(token, side);
}

function isFrom({ issuer }: TokenAddress, side: AudienceIdentity): boolean {
  return typeof side.issuer === 'string' ? issuer === side.issuer : side.issuer.includes(issuer);
}
