/**
 * The signature algorithms a side can accept, all of them by default. Asymmetric only: a party that can verify an HMAC
 * can also create one, and `none` proves nothing (RFC 8725 §3.1).
 */
export const SIGNATURE_ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const;
export type SignatureAlgorithm = (typeof SIGNATURE_ALGORITHMS)[number];
