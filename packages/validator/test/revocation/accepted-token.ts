import type { AcceptedJudgement } from '@crossfade/core';

export const ISSUER = 'https://idp.example.com';

/** A judgement that accepts a legacy token with these claims. */
export function acceptedToken(claims: Readonly<Record<string, unknown>>): AcceptedJudgement {
  const { sub, iat } = claims;
  return {
    outcome: 'accepted',
    audience: 'legacy',
    afterClose: 'rejected',
    subject: typeof sub === 'string' ? sub : undefined,
    clientId: 'web-app',
    scope: [],
    roles: [],
    issuedAt: typeof iat === 'number' ? iat : undefined,
    expiresAt: 2_000_000_000,
    claims: { iss: ISSUER, ...claims },
  };
}
