import { createHash } from 'node:crypto';
import { type CryptoKey, calculateJwkThumbprint, exportJWK, type JWK } from 'jose';
import { createSigningKey, type SigningKey, sign } from './issuer.ts';

/** The DPoP key of a client. */
export interface DpopKey extends SigningKey {
  readonly jwk: JWK;
  readonly thumbprint: string;
  readonly privateKey: CryptoKey;
}

export async function createDpopKey(alg = 'ES256'): Promise<DpopKey> {
  const key = await createSigningKey({ alg });
  const { alg: _alg, use: _use, ...jwk } = key.publicJwk;
  return { ...key, jwk, thumbprint: await calculateJwkThumbprint(jwk) };
}

/** The key with its private part, which a client must never send. */
export async function privateJwk({ privateKey }: DpopKey): Promise<JWK> {
  return exportJWK(privateKey);
}

export interface ProofParts {
  readonly claims?: Record<string, unknown>;
  readonly header?: Record<string, unknown>;
}

let proofs = 0;

/** A valid proof, changed by `parts`. A part that is `undefined` is left out. */
export async function prove(
  key: DpopKey,
  request: { readonly method: string; readonly url: string; readonly token: string; readonly nowSeconds: number },
  { claims = {}, header = {} }: ProofParts = {},
): Promise<string> {
  proofs += 1;
  const valid = {
    jti: `proof-${proofs}`,
    htm: request.method,
    htu: request.url,
    iat: request.nowSeconds,
    ath: createHash('sha256').update(request.token).digest('base64url'),
  };
  return sign({ ...valid, ...claims }, key, { typ: 'dpop+jwt', jwk: key.jwk, ...header });
}
