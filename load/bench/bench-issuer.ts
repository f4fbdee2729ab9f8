import { createPublicKey, type KeyObject } from 'node:crypto';
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';

export const ISSUER = 'https://idp.example.com';
export const AUDIENCES = ['default-api', 'https://api.example.com/orders'] as const;
export type BenchAlgorithm = 'RS256' | 'ES256' | 'EdDSA';

/** Changes to a valid token. */
export interface TokenChange {
  readonly issuer?: string;
  readonly audience?: string;
  readonly expiresInSeconds?: number;
  readonly subject?: string;
}

/** An issuer with one key, trusted by every candidate of the benchmark. */
export interface BenchIssuer {
  readonly algorithm: BenchAlgorithm;
  readonly jwks: { readonly keys: readonly (JWK & { kid: string; kty: string; alg: string; use: 'sig' })[] };
  readonly privateJwk: JWK;
  readonly publicKey: KeyObject;
  readonly pem: string;
  /** Mints an access token (RFC 9068), about 1.1 kB with RS256. */
  mint(change?: TokenChange): Promise<string>;
}

export async function createBenchIssuer(algorithm: BenchAlgorithm): Promise<BenchIssuer> {
  const pair = await generateKeyPair(algorithm, { extractable: true });
  const jwk = await exportJWK(pair.publicKey);
  const publicKey = createPublicKey({ key: { ...jwk }, format: 'jwk' });
  return {
    algorithm,
    jwks: { keys: [{ ...jwk, kty: `${jwk.kty}`, kid: 'k1', alg: algorithm, use: 'sig' }] },
    privateJwk: await exportJWK(pair.privateKey),
    publicKey,
    pem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    mint({ issuer = ISSUER, audience = AUDIENCES[1], expiresInSeconds = 86_400, subject = 'auth0|0' } = {}) {
      const nowSeconds = Math.floor(Date.now() / 1000);
      return new SignJWT({
        client_id: 'nightly-batch-of-the-orders-team',
        scope: 'openid profile email orders:read orders:write invoices:read customers:read',
        jti: crypto.randomUUID(),
        sid: crypto.randomUUID(),
        azp: 'nightly-batch-of-the-orders-team',
        tenant: crypto.randomUUID(),
        roles: ['orders-reader', 'orders-writer'],
      })
        .setProtectedHeader({ alg: algorithm, kid: 'k1', typ: 'at+jwt' })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject(subject)
        .setIssuedAt(nowSeconds)
        .setExpirationTime(nowSeconds + expiresInSeconds)
        .sign(pair.privateKey);
    },
  };
}
