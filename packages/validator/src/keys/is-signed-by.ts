import { constants, type KeyObject, verify } from 'node:crypto';

interface SignatureScheme {
  readonly hash: 'sha256' | 'sha384' | 'sha512' | null;
  readonly padding?: number;
  readonly saltLength?: number;
  readonly dsaEncoding?: 'ieee-p1363';
}

/** How each algorithm of RFC 7518 §3.1 and RFC 8037 §3.1 is verified. */
const SCHEMES: ReadonlyMap<string, SignatureScheme> = new Map<string, SignatureScheme>([
  ...(['256', '384', '512'] as const).flatMap((bits): [string, SignatureScheme][] => {
    const hash = `sha${bits}` as const;
    const saltLength = Number(bits) / 8;
    return [
      [`RS${bits}`, { hash, padding: constants.RSA_PKCS1_PADDING }],
      [`PS${bits}`, { hash, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength }],
      [`ES${bits}`, { hash, dsaEncoding: 'ieee-p1363' }],
    ];
  }),
  ['EdDSA', { hash: null }],
  ['Ed25519', { hash: null }],
]);

/**
 * Verifies a signature on another thread. jose finds and imports the keys, but verifies through WebCrypto, which takes
 * 1.5 times as long on the event loop.
 * @param key - suitable for `algorithm`.
 */
export function isSignedBy(key: KeyObject, algorithm: string, signed: Buffer, signature: Buffer): Promise<boolean> {
  const scheme = SCHEMES.get(algorithm);
  if (scheme === undefined) return Promise.resolve(false);
  // OpenSSL accepts a PSS signature without its leading zeros; RFC 8017 §8.1.2 does not.
  const { modulusLength } = key.asymmetricKeyDetails ?? {};
  if (modulusLength !== undefined && signature.length !== Math.ceil(modulusLength / 8)) return Promise.resolve(false);
  const { hash, ...options } = scheme;
  return new Promise((resolve) => {
    verify(hash, signed, { key, ...options }, signature, (error, isGood) => resolve(error === null && isGood));
  });
}
