/**
 * What a token turned out to be: `legacy`, `target`, `bridge` (carries both audiences), `foreign` (verified, neither),
 * `opaque` (not a JWT, and no introspection configured), `invalid` (not verifiable), `none` (no token).
 * `legacy`, `target`, `bridge` and `foreign` imply a verified signature.
 */
export const AUDIENCE_CLASSES = ['legacy', 'target', 'bridge', 'foreign', 'opaque', 'invalid', 'none'] as const;
export type AudienceClass = (typeof AUDIENCE_CLASSES)[number];

/** The classes that name one of our two audiences, or both. */
export type MigrationClass = 'legacy' | 'target' | 'bridge';

/** Identifies one side of the migration in a verified token. An audience belongs to its issuer. */
export interface AudienceIdentity {
  readonly issuer: string;
  /** The `aud` value of this side. Absent where access tokens carry none; then `clientIds` decides. */
  readonly audience?: string;
  /** Client ids whose tokens without `aud` belong to this side (Amazon Cognito). */
  readonly clientIds?: readonly string[];
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
  const legacy = isAddressedTo(token, pair.legacy);
  const target = isAddressedTo(token, pair.target);
  if (legacy && target) return 'bridge';
  if (legacy) return 'legacy';
  return target ? 'target' : 'foreign';
}

function isAddressedTo(token: TokenAddress, side: AudienceIdentity): boolean {
  if (token.issuer !== side.issuer) return false;
  if (side.audience !== undefined && token.audiences.includes(side.audience)) return true;
  if (side.clientIds === undefined || token.audiences.length > 0 || token.clientId === undefined) return false;
  return side.clientIds.includes(token.clientId);
}
