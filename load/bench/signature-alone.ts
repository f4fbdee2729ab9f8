import { type KeyObject, type VerifyKeyObjectInput, verify } from 'node:crypto';
import type { BenchAlgorithm, BenchIssuer } from './bench-issuer.ts';
import type { Verifier } from './verifier.ts';

/** The lower bound: verifies only the signature, of a token that was split beforehand. */
export function signatureAlone({ algorithm, publicKey }: BenchIssuer): Verifier[] {
  const hash = algorithm === 'EdDSA' ? null : 'sha256';
  const key = verifyKey(algorithm, publicKey);
  return [
    { name: 'crypto.verify, signature alone', verify: (token) => verify(hash, ...signedBytes(token, key)) },
    {
      name: 'crypto.verify callback, signature alone',
      isOffThread: true,
      verify: (token) =>
        new Promise((resolve, reject) => {
          const [input, inputKey, signature] = signedBytes(token, key);
          verify(hash, input, inputKey, signature, (error, isValid) =>
            error === null ? resolve(isValid) : reject(error),
          );
        }),
    },
  ];
}

function verifyKey(algorithm: BenchAlgorithm, key: KeyObject): VerifyKeyObjectInput {
  return algorithm === 'ES256' ? { key, dsaEncoding: 'ieee-p1363' } : { key };
}

function signedBytes(token: string, key: VerifyKeyObjectInput): [Buffer, VerifyKeyObjectInput, Buffer] {
  const dot = token.lastIndexOf('.');
  return [Buffer.from(token.slice(0, dot), 'latin1'), key, Buffer.from(token.slice(dot + 1), 'base64url')];
}
