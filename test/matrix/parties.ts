import type { AudienceClass } from '@crossfade/core';
import type { SideOptions } from '@crossfade/validator';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

/** The issuers of the two sides' tokens. */
export const ISSUERS = ['same issuer', 'two issuers'] as const;
export type Issuers = (typeof ISSUERS)[number];

/** The tokens that a request can carry: one of every class, and two that only look valid. */
export type TokenName = AudienceClass | 'borrowed' | 'forged';

/** The two sides of a migration with real keys, and a token of every class for them. */
export interface Parties {
  readonly legacy: SideOptions;
  readonly target: SideOptions;
  readonly tokens: Readonly<Record<TokenName, string | undefined>>;
}

const LEGACY = 'default-api';
const TARGET = 'https://api.example.com/orders';

export async function createParties(issuers: Issuers): Promise<Parties> {
  const old = await createIssuer('https://idp.example.com');
  const next = issuers === 'same issuer' ? old : await createIssuer('https://login.example.com');
  const stranger = await createIssuer('https://idp.example.com');
  return {
    legacy: { issuer: old.issuer, audience: LEGACY, keys: old.keys },
    target: { issuer: next.issuer, audience: TARGET, keys: next.keys },
    tokens: {
      legacy: await old.issue(LEGACY),
      target: await next.issue(TARGET),
      bridge: await old.issue([LEGACY, TARGET]),
      foreign: await old.issue('https://api.example.com/payments'),
      opaque: 'SlAV32hkKG-7b1aXq0Zc',
      invalid: `${await old.issue(LEGACY)}x`,
      none: undefined,
      borrowed: await next.issue(LEGACY),
      forged: await stranger.issue(LEGACY),
    },
  };
}

async function createIssuer(issuer: string) {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid: 'key-1', alg: 'ES256', use: 'sig' };
  return {
    issuer,
    keys: { keys: [jwk] },
    issue: (audience: string | string[]) =>
      new SignJWT({ scope: 'orders:read', client_id: 'web-app' })
        .setProtectedHeader({ alg: 'ES256', kid: 'key-1', typ: 'at+jwt' })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject('user-1')
        .setIssuedAt()
        .setExpirationTime('5m')
        .sign(privateKey),
  };
}
