import { createHash, randomUUID, webcrypto } from 'node:crypto';
import { SignJWT } from 'jose';
import { type Configuration, type DPoPHandle, getDPoPHandle, randomDPoPKeyPair } from 'openid-client';

/** A key pair that tokens are bound to. @see RFC 9449 */
export interface DpopKey {
  readonly privateKey: webcrypto.CryptoKey;
  readonly publicKey: webcrypto.CryptoKey;
  /** The public key, as a proof presents it. */
  readonly jwk: webcrypto.JsonWebKey;
}

/** The algorithm that every provider with DPoP supports. */
const ALGORITHM = 'ES256';
const CURVE = { name: 'ECDSA', namedCurve: 'P-256' } as const;

/** Creates a key pair. Its private key can be exported, for a session that is stored. */
export async function createDpopKey(): Promise<DpopKey> {
  return dpopKey(await randomDPoPKeyPair(ALGORITHM, { extractable: true }));
}

/** Returns the private key as JSON. It is as secret as the tokens that are bound to it. */
export async function exportDpopKey({ privateKey }: DpopKey): Promise<webcrypto.JsonWebKey> {
  const { kty, crv, x, y, d } = await webcrypto.subtle.exportKey('jwk', privateKey);
  return { kty, crv, x, y, d } as webcrypto.JsonWebKey;
}

/** Reads what {@link exportDpopKey} returned. */
export async function importDpopKey({ kty, crv, x, y, d }: webcrypto.JsonWebKey): Promise<DpopKey> {
  const [privateKey, publicKey] = await Promise.all([
    webcrypto.subtle.importKey('jwk', { kty, crv, x, y, d } as webcrypto.JsonWebKey, CURVE, true, ['sign']),
    webcrypto.subtle.importKey('jwk', { kty, crv, x, y } as webcrypto.JsonWebKey, CURVE, true, ['verify']),
  ]);
  return dpopKey({ privateKey, publicKey });
}

async function dpopKey({ privateKey, publicKey }: webcrypto.CryptoKeyPair): Promise<DpopKey> {
  const { kty, crv, x, y } = await webcrypto.subtle.exportKey('jwk', publicKey);
  return { privateKey, publicKey, jwk: { kty, crv, x, y } as webcrypto.JsonWebKey };
}

/**
 * The option of openid-client's token requests that binds the token to the key. It sends a request once more with the nonce
 * that the provider demands (RFC 9449 §8), and keeps the nonce for the next request with the same handle.
 */
export function dpopHandle(configuration: Configuration, key: DpopKey): DPoPHandle {
  return getDPoPHandle(configuration, { privateKey: key.privateKey, publicKey: key.publicKey });
}

/** One request to an API with a token that is bound to a key. */
export interface ProvenRequest {
  readonly key: DpopKey;
  /** The HTTP method, such as `GET`. */
  readonly method: string;
  readonly url: string | URL;
  readonly accessToken: string;
  /** The nonce that the API demanded last. */
  readonly nonce?: string | undefined;
}

/** Returns the headers that present a bound token, with a new proof. @see RFC 9449 §4.2 and §7.1 */
export async function dpopHeaders(request: ProvenRequest): Promise<{ authorization: string; dpop: string }> {
  const { key, method, accessToken, nonce } = request;
  const { origin, pathname } = new URL(request.url);
  const dpop = await new SignJWT({
    jti: randomUUID(),
    htm: method,
    htu: `${origin}${pathname}`,
    iat: Math.floor(Date.now() / 1000),
    ath: createHash('sha256').update(accessToken).digest('base64url'),
    ...(nonce !== undefined && { nonce }),
  })
    .setProtectedHeader({ alg: ALGORITHM, typ: 'dpop+jwt', jwk: key.jwk as Record<string, string> })
    .sign(key.privateKey);
  return { authorization: `DPoP ${accessToken}`, dpop };
}

/** Whether an API refuses a request only because its proof has no nonce or an old one. @see RFC 9449 §9 */
export function demandsDpopNonce(response: Response): boolean {
  const challenge = response.headers.get('www-authenticate') ?? '';
  return response.status === 401 && response.headers.has('dpop-nonce') && /\buse_dpop_nonce\b/.test(challenge);
}

/** The nonces that APIs gave last, by origin. */
export interface DpopNonces {
  of(url: string | URL): string | undefined;
  /** Keeps the nonce of a response, if it has one. */
  keep(url: string | URL, response: Response): void;
}

/** The nonces of this many origins are kept. */
const MAX_ORIGINS = 100;

/** Creates a memory of nonces. Sessions may share it: a nonce belongs to the API, not to a key. */
export function createDpopNonces(): DpopNonces {
  const nonces = new Map<string, string>();
  return {
    of: (url) => nonces.get(new URL(url).origin),
    keep(url, response) {
      const nonce = response.headers.get('dpop-nonce');
      if (nonce === null) return;
      const { origin } = new URL(url);
      nonces.delete(origin);
      nonces.set(origin, nonce);
      const [oldest] = nonces.keys();
      if (nonces.size > MAX_ORIGINS && oldest !== undefined) nonces.delete(oldest);
    },
  };
}
