/**
 * The signature algorithms a side can take, which is also what it takes by default: asymmetric ones only, because
 * whoever can verify an HMAC can also make one, and `none` proves nothing (RFC 8725 §3.1).
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
