import type { Clock } from '@crossfade/core';
import { decodeJwt, type JWTPayload } from 'jose';
import { z } from 'zod';
import { InvalidResponseError, type ResponseCheck } from '../provider/errors.ts';
import type { Provider, Providers } from '../provider/provider.ts';
import { verifyJwt } from '../provider/verify-jwt.ts';
import type { LogoutToken } from './browser-login.ts';

const WHAT = 'the back-channel logout';
const EVENT = 'http://schemas.openid.net/event/backchannel-logout';
/** How old a logout token without `exp` may be: providers from before the final specification send none. */
const LIFETIME_SECONDS = 600;
const TOLERANCE_SECONDS = 30;
/** Explicit typing is recommended, not required (§2.4). */
const TYPES: readonly (string | undefined)[] = ['logout+jwt', 'application/logout+jwt', 'jwt', undefined];

const CLAIMS = z.object({
  iat: z.number(),
  exp: z.number().optional(),
  nonce: z.never().optional(),
  events: z.looseObject({ [EVENT]: z.looseObject({}) }),
  sub: z.string().min(1).optional(),
  sid: z.string().min(1).optional(),
});

/**
 * Creates the function that verifies logout tokens: they end sessions, so that each must be signed by its issuer, for this
 * client, and be no ID token.
 * @see OIDC Back-Channel Logout 1.0 §2.6
 */
export function createLogoutTokenVerifier(providers: Providers, now: Clock): (token: string) => Promise<LogoutToken> {
  return async (token) => {
    const provider = issuingProvider(token, providers);
    const { payload, typ } = await provider.request(WHAT, (_, discovered) =>
      verifyJwt(token, discovered, new Date(now())),
    );
    if (!TYPES.includes(typ?.toLowerCase())) throw failed('typ');
    const claims = CLAIMS.safeParse(payload);
    if (!claims.success) throw failed(checkOf(claims.error.issues[0]?.path[0]));
    const { iat, exp, sub, sid } = claims.data;
    const nowSeconds = now() / 1000;
    if (iat > nowSeconds + TOLERANCE_SECONDS) throw failed('iat');
    if (exp === undefined && iat < nowSeconds - LIFETIME_SECONDS) throw failed('exp');
    if (sub === undefined && sid === undefined) throw failed('sub');
    return { issuer: provider.issuer, ...(sub !== undefined && { sub }), ...(sid !== undefined && { sid }) };
  };
}

/** The provider whose issuer the token names, and of two clients there the one that it is for. Only its keys verify the token. */
function issuingProvider(token: string, { at, of }: Providers): Provider {
  const { iss = '', aud = [] } = unverifiedClaims(token);
  const isForLegacy = [aud].flat().includes(of('legacy').clientId);
  const provider = at(iss, isForLegacy ? 'legacy' : 'target');
  if (provider === undefined) throw failed('iss');
  return provider;
}

function unverifiedClaims(token: string): JWTPayload {
  try {
    return decodeJwt(token);
  } catch {
    throw failed('response');
  }
}

function checkOf(claim: PropertyKey | undefined): ResponseCheck {
  const checks = ['iat', 'exp', 'nonce', 'events', 'sub', 'sid'] as const;
  return checks.find((check) => check === claim) ?? 'response';
}

function failed(check: ResponseCheck): InvalidResponseError {
  return new InvalidResponseError(WHAT, check);
}
