import type { AudienceIdentity } from '@crossfade/core';
import type { TokenFacts } from '../src/jwt/token-facts.ts';
import type { SideSettings } from '../src/policy/side-settings.ts';

export const ISSUER = 'https://idp.example.com';
export const NOW_SECONDS = 1_800_000_000;

/** The facts of a plain access token of the legacy side. */
export function factsOf(facts: Partial<TokenFacts> = {}): TokenFacts {
  return {
    issuer: ISSUER,
    algorithm: 'ES256',
    type: 'jwt',
    audiences: ['default-api'],
    subject: 'u1',
    clientId: 'web-app',
    scope: [],
    issuedAt: NOW_SECONDS - 60,
    notBefore: undefined,
    expiresAt: NOW_SECONDS + 60,
    binding: undefined,
    claims: {},
    ...facts,
  };
}

type SideIdentity = Pick<AudienceIdentity, 'clientIds'> & { readonly audience?: string };

/** A side without policy. */
export function sideOf({ audience, clientIds, ...side }: Partial<SideSettings & SideIdentity> = {}): SideSettings {
  const issuer = side.issuer ?? ISSUER;
  const name = audience ?? (clientIds === undefined ? 'default-api' : undefined);
  return {
    issuer,
    identity: { issuer, audience: name, clientIds },
    algorithms: new Set(['ES256', 'RS256']),
    takesOpaque: false,
    requiredScope: [],
    claims: [],
    toleratedAudiences: new Set(name === undefined ? [] : [name]),
    ...side,
  };
}
