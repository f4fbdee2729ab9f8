import { randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';

export const ISSUER = 'https://idp.example.com';
export const LEGACY = 'https://legacy.example.com';
export const TARGET = 'https://api.example.com/orders';

/** A token that the plan of `environment.ts` takes. */
export type PlainToken = 'legacy' | 'target' | 'bridge';

/** The reason for which the plan refuses a token, or why a close would; the API takes all of them. */
export const DISAGREEMENTS = {
  'another audience beside ours': 'foreign_audience',
  'a second spelling of the audience': 'wrong_audience',
  'a nonce': 'id_token',
  'a client that the plan does not list': 'client_not_allowed',
  'a token that has expired': 'expired',
  'a token that is not valid yet': 'not_yet_valid',
  'a bound token without its proof': 'proof_required',
  'both audiences, without the scope of target': 'a close refuses it',
  'a plain legacy token, after legacy was closed': 'legacy_closed',
  'a token that is too large': 'token_too_large',
  'an opaque token': 'malformed_token',
  'a key that the issuer does not publish': 'unknown_key',
  'a signature that does not match': 'bad_signature',
  'another issuer': 'wrong_issuer',
} as const;
export type Disagreement = keyof typeof DISAGREEMENTS;

/** Mints tokens at a time in ms. */
export interface Mint {
  readonly keys: { readonly keys: readonly object[] };
  plain(token: PlainToken, nowMs: number): Promise<string>;
  refused(kind: Disagreement, nowMs: number): Promise<string>;
}

export async function createMint(): Promise<Mint> {
  const own = await createKey('one');
  const unpublished = await createKey('two');
  const impostor = await createKey('one');

  function token(
    { sign, header = {}, ...claims }: { sign?: typeof own; header?: object } & JWTPayload,
    nowMs: number,
  ): Promise<string> {
    const now = Math.floor(nowMs / 1000);
    const payload = { client_id: 'web-app', scope: 'orders:read', iat: now, exp: now + 3600, jti: randomUUID() };
    const { privateKey, kid } = sign ?? own;
    return new SignJWT({ iss: ISSUER, sub: 'user', aud: LEGACY, ...payload, ...claims })
      .setProtectedHeader({ alg: 'ES256', kid, typ: 'at+jwt', ...header })
      .sign(privateKey);
  }

  const minted: Record<Disagreement, (nowMs: number) => Promise<string>> = {
    'another audience beside ours': (now) => token({ aud: [LEGACY, `${ISSUER}/userinfo`] }, now),
    'a second spelling of the audience': (now) => token({ aud: `${LEGACY}/` }, now),
    'a nonce': (now) => token({ header: { typ: 'JWT' }, scope: undefined, nonce: randomUUID() }, now),
    'a client that the plan does not list': (now) => token({ client_id: 'nightly-batch' }, now),
    'a token that has expired': (now) => token({ exp: Math.floor(now / 1000) - 600 }, now),
    'a token that is not valid yet': (now) => token({ nbf: Math.floor(now / 1000) + 600 }, now),
    'a bound token without its proof': (now) => token({ cnf: { jkt: 'b'.repeat(43) } }, now),
    'both audiences, without the scope of target': (now) => token({ aud: [LEGACY, TARGET], scope: 'openid' }, now),
    'a plain legacy token, after legacy was closed': (now) => token({}, now),
    'a token that is too large': (now) => token({ groups: Array.from({ length: 157 }, () => randomUUID()) }, now),
    'an opaque token': async () => randomUUID(),
    'a key that the issuer does not publish': (now) => token({ sign: unpublished }, now),
    'a signature that does not match': (now) => token({ sign: impostor }, now),
    'another issuer': (now) => token({ iss: 'https://login.example.net' }, now),
  };
  const audiences: Record<PlainToken, string | string[]> = { legacy: LEGACY, target: TARGET, bridge: [LEGACY, TARGET] };
  return {
    keys: { keys: [own.jwk] },
    plain: (kind, nowMs) => token({ aud: audiences[kind] }, nowMs),
    refused: (kind, nowMs) => minted[kind](nowMs),
  };
}

async function createKey(kid: string) {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  return { kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: 'ES256', use: 'sig' } };
}
