/** Why a token was rejected. A closed list: dashboards and alerts depend on it. */
export const REJECTION_REASONS = [
  'missing_token',
  'malformed_token',
  'token_too_large',
  'unsupported_algorithm',
  'unknown_key',
  'bad_signature',
  'wrong_issuer',
  'wrong_audience',
  'foreign_audience',
  'legacy_closed',
  'wrong_type',
  'id_token',
  'expired',
  'not_yet_valid',
  'client_not_allowed',
  'claim_not_allowed',
  'insufficient_scope',
  'inactive',
  'revoked',
  'proof_required',
  'proof_invalid',
  'brownout',
] as const;
export type RejectionReason = (typeof REJECTION_REASONS)[number];

/**
 * Reasons against tokens that cannot be verified: they prove nothing about who sent them. Only these can be acknowledged
 * in a plan (`gate.acknowledged`).
 */
export const UNVERIFIED_REASONS = [
  'malformed_token',
  'token_too_large',
  'unsupported_algorithm',
  'unknown_key',
  'bad_signature',
  'wrong_issuer',
  'inactive',
] as const satisfies readonly RejectionReason[];
export type UnverifiedReason = (typeof UNVERIFIED_REASONS)[number];
