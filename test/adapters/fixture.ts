import { createHash, randomUUID } from 'node:crypto';
import { DEFAULT_FLAG_DOCUMENT, type FeatureAccess, SIDES, type Side } from '@crossfade/core';
import { createFeatureAccess } from '@crossfade/flags';
import { createValidator, type IntrospectionOptions, type Validator } from '@crossfade/validator';
import { type CryptoKey, calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';

/** The origin that clients of every API here use, whatever port it listens on. */
export const ORIGIN = 'https://api.example.com';
export const RESOURCE = `${ORIGIN}/orders`;
export const METADATA = `${ORIGIN}/.well-known/oauth-protected-resource/orders`;
const TARGET = 'https://api.example.com/orders';
const ISSUER = 'https://idp.example.com';

/** The roles claim of target tokens; legacy tokens use the default one. */
export const ROLES_CLAIM = 'https://example.com/roles';

/** When the legacy audience of every API here ends. */
export const SUNSET = {
  deprecatedMs: Date.parse('2026-12-30T23:00:00Z'),
  sunsetMs: Date.parse('2027-01-31T00:00:00Z'),
};

/** The states an API can be in: both audiences open, legacy closed or in a brownout, or the issuer's keys unreachable. */
export const STATES = ['open', 'closed', 'brownout', 'cut off'] as const;
export type State = (typeof STATES)[number];

export interface Fixture {
  readonly validators: Readonly<Record<State, () => Validator>>;
  /** Creates a validator of both audiences, some of whose sides can ask the issuer. */
  introspecting(introspection: IntrospectionOptions, sides?: readonly Side[]): Validator;
  readonly features: FeatureAccess;
  /** Signs a valid legacy token, changed by `claims`. */
  token(claims?: Readonly<Record<string, unknown>>, header?: { readonly typ?: string }): Promise<string>;
  /** A legacy token signed with another key. */
  forged(): Promise<string>;
  /** Binds a token to the key of the client. */
  readonly keyBinding: { readonly jkt: string };
  /** A fresh proof of possession for a token; its `htu` begins with `base`, by default {@link ORIGIN}. */
  proof(
    token: string,
    request: { readonly method: string; readonly path: string; readonly base?: string },
  ): Promise<string>;
}

export const target = { aud: TARGET };
export const bridge = { aud: ['default-api', TARGET] };

/** Creates fresh keys, and flags with one feature in beta, one public and one off. */
export async function createFixture(): Promise<Fixture> {
  const [issuer, stranger, client] = await Promise.all([createKey(), createKey(), createKey()]);
  const legacy = {
    issuer: ISSUER,
    audience: 'default-api',
    requiredScope: ['openid'],
    foreignAudiences: 'refuse' as const,
  };
  const keys = { keys: [{ ...issuer.jwk, kid: 'key', use: 'sig' }] };
  const targetSide = { issuer: ISSUER, audience: TARGET, rolesClaim: ROLES_CLAIM };
  const options = { legacy: { ...legacy, keys }, target: targetSide, clients: ['web-app'], maxTokenBytes: 8192 };
  // Nothing listens on this port.
  const unreachable = { ...legacy, keys: new URL('http://127.0.0.1:1/jwks') };
  const features = new Map(Object.entries({ 'dash-beta': true, 'shop-public': true, 'shop-beta': false }));
  const document = { ...DEFAULT_FLAG_DOCUMENT, features };
  const nowSeconds = Math.floor(Date.now() / 1000);
  const ordinary = { iss: ISSUER, aud: 'default-api', sub: 'alice', client_id: 'app', scope: 'openid' };
  const sign = ({ privateKey }: Key, claims: Readonly<Record<string, unknown>>, typ = 'JWT') =>
    new SignJWT({ ...ordinary, iat: nowSeconds, exp: nowSeconds + 3600, ...claims })
      .setProtectedHeader({ alg: 'ES256', kid: 'key', typ })
      .sign(privateKey);

  return {
    validators: {
      open: () => createValidator(options),
      closed: () => createValidator({ ...options, acceptance: () => 'target' }),
      brownout: () => createValidator({ ...options, brownout: () => ({ percent: 100, untilMs: Date.now() + 60_000 }) }),
      'cut off': () => createValidator({ clients: [], legacy: unreachable }),
    },
    introspecting: (introspection, sides = SIDES) =>
      createValidator({
        ...options,
        legacy: { ...options.legacy, ...(sides.includes('legacy') && { introspection }) },
        target: { ...options.target, ...(sides.includes('target') && { introspection }) },
      }),
    features: createFeatureAccess({
      flags: { snapshot: () => ({ document, revision: null, ageSeconds: 0, stale: false }) },
    }),
    token: (claims = {}, { typ } = {}) => sign(issuer, claims, typ),
    forged: () => sign(stranger, {}),
    keyBinding: { jkt: await calculateJwkThumbprint(client.jwk) },
    proof: (token, { method, path, base = ORIGIN }) =>
      new SignJWT({
        htm: method,
        htu: `${base}${path}`,
        iat: Math.floor(Date.now() / 1000),
        jti: randomUUID(),
        ath: createHash('sha256').update(token).digest('base64url'),
      })
        .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: client.jwk })
        .sign(client.privateKey),
  };
}

interface Key {
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
}

async function createKey(): Promise<Key> {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  return { privateKey, jwk: await exportJWK(publicKey) };
}
