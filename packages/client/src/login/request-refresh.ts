import { UnavailableError } from '@crossfade/core';
import { parameterEntries, type Selector } from '@crossfade/selector';
import { refreshTokenGrant } from 'openid-client';
import type { DiscoveredProvider } from '../provider/discovered-provider.ts';
import type { Provider } from '../provider/provider.ts';
import { providerError } from '../provider/provider-error.ts';
import { verifySignature } from '../provider/verify-jwt.ts';
import type { LoginSession } from './browser-login.ts';
import { checkIdentity } from './check-identity.ts';
import { boundTo } from './dpop-binding.ts';
import { loginSession } from './login-session.ts';
import type { RefreshAttempt } from './refresh-attempts.ts';

const WHAT = 'the refresh';

export interface RefreshRequest extends RefreshAttempt {
  readonly revision: string | null;
  readonly atMs: number;
  readonly isSideOfProvider: boolean;
}

/** Sends one refresh, and returns the session that its response makes. */
export async function requestRefresh(
  session: LoginSession & { readonly refreshToken: string },
  { asked, parameters, revision, atMs, isSideOfProvider }: RefreshRequest,
  provider: Provider,
  selector: Selector,
): Promise<LoginSession> {
  const request = { asked, scope: parameters.scope ?? session.token.scope, revision, atMs, isSideOfProvider };
  return provider.request(WHAT, async (_, discovered) => {
    const binding = await boundTo(session.dpopKey, discovered.unverified);
    const response = await refreshTokenGrant(
      discovered.unverified,
      session.refreshToken,
      new URLSearchParams(parameterEntries(parameters)),
      binding.options,
    );
    binding.check(response, WHAT);
    checkIdentity(session, response);
    const isIdTokenUsable = await isSigned(response.id_token, discovered);
    const isRotated = response.refresh_token !== undefined && response.refresh_token !== session.refreshToken;
    const refreshed = loginSession(response, request, { ...session, ...(isRotated && { isRotated }) }, selector);
    return isIdTokenUsable ? refreshed : withIdTokenOf(session, refreshed);
  });
}

/**
 * Whether the ID token is signed by the provider; `false` if its keys cannot be fetched now. The refresh token is spent by then: it
 * is better to do without the ID token, which a refresh need not have, than without the session.
 */
async function isSigned(idToken: string | undefined, discovered: DiscoveredProvider): Promise<boolean> {
  if (idToken === undefined) return false;
  try {
    await verifySignature(idToken, discovered);
    return true;
  } catch (error) {
    if (providerError(error, WHAT) instanceof UnavailableError) return false;
    throw error;
  }
}

function withIdTokenOf({ idToken, sid }: LoginSession, refreshed: LoginSession): LoginSession {
  const { idToken: _, sid: __, ...rest } = refreshed;
  return { ...rest, ...(idToken !== undefined && { idToken }), ...(sid !== undefined && { sid }) };
}
