/** Why a token was rejected, each with who can mend it. A closed list: dashboards and alerts depend on it. */
export const REJECTION_REASONS = [
  /** The client sends one. */
  'missing_token',
  /** The client sends an access token. */
  'malformed_token',
  /** The client sends a shorter one, or the operator raises `maxTokenBytes`. */
  'token_too_large',
  /** The issuer signs with an asymmetric algorithm that the side accepts. */
  'unsupported_algorithm',
  /** The client sends a token of this issuer; after a key rotation, the issuer publishes the key. */
  'unknown_key',
  /** The client sends the token as it got it. */
  'bad_signature',
  /** The client asks the right issuer, or the operator lists the spelling of it. */
  'wrong_issuer',
  /** The client asks for the right scope or resource. */
  'wrong_audience',
  /** The issuer mints it for this API alone, or the operator changes `foreignAudiences`. */
  'foreign_audience',
  /** The client logs in again; `crossfade reopen` if it cannot. */
  'legacy_closed',
  /** The client sends the other token that it got. */
  'wrong_type',
  /** The client sends the other token that it got. */
  'id_token',
  /** The client refreshes; or a clock is wrong. */
  'expired',
  /** A clock is wrong. */
  'not_yet_valid',
  /** The operator of the API changes `allowedClients`. */
  'client_not_allowed',
  /** The operator of the API changes `claims`. */
  'claim_not_allowed',
  /** The client asks for the scope that the response names. */
  'insufficient_scope',
  /** The client logs in again: the issuer ended the token before it expired. */
  'inactive',
  /** The client logs in again: a denylist ended the token before it expired. */
  'revoked',
  /** The client sends the proof with the token. */
  'proof_required',
  /** The client makes a proof for this request. */
  'proof_invalid',
  /** Its end, or a login for a target token. The token is valid and legacy, and no guard counts it. */
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
