import type { Problem } from '@crossfade/core';
import { parameterEntries } from '@crossfade/selector';
import { authorizationCodeGrant } from 'openid-client';
import type { BrowserLogin, BrowserLoginOptions, LoginSession, PendingLogin } from './browser-login.ts';
import { discoverProvider } from './discover-provider.ts';
import { LoginRequiredError } from './errors.ts';
import { loginSession } from './login-session.ts';
import { providerError } from './provider-error.ts';
import { refreshSession } from './refresh-session.ts';
import { createSingleFlight } from './single-flight.ts';
import { startLogin } from './start-login.ts';

/**
 * Creates the login of a web application and fetches its provider's metadata.
 * @throws {@link ConfigError} with every problem of the options.
 * @throws {@link UnavailableError} when the provider cannot be reached.
 * @example
 * ```ts
 * const login = await createBrowserLogin({ issuer, clientId, clientSecret, redirectUri, selector });
 * const { url, pending } = login.start({ key: deviceId });
 * ```
 */
export async function createBrowserLogin(options: BrowserLoginOptions): Promise<BrowserLogin> {
  const { clientId, redirectUri, selector, now = Date.now } = options;
  const provider = await discoverProvider(options, redirectUriProblems(redirectUri));
  const once = createSingleFlight<LoginSession>();

  async function finish(callbackUrl: URL, pending: PendingLogin): Promise<LoginSession> {
    const { side, sides, parameters, state, nonce, codeVerifier } = pending;
    const asked = { ...pending, atMs: now() };
    const login = { ...pending, loginSide: side, ...(sides !== undefined && { loginSides: sides }) };
    const callback = new URL(redirectUri);
    callback.search = callbackUrl.search;
    const checks = {
      expectedState: state,
      pkceCodeVerifier: codeVerifier,
      ...(nonce !== undefined && { expectedNonce: nonce }),
    };
    const { resource } = parameters;
    try {
      const response = await authorizationCodeGrant(
        provider,
        callback,
        checks,
        new URLSearchParams(resource === undefined ? [] : parameterEntries({ resource })),
      );
      return loginSession(response, asked, login, selector);
    } catch (error) {
      throw providerError(error, 'the login');
    }
  }

  async function refresh(session: LoginSession): Promise<LoginSession> {
    const { refreshToken } = session;
    if (refreshToken === undefined) throw new LoginRequiredError('the session has no refresh token');
    // To the provider, using a rotating refresh token twice looks like theft and ends the session.
    return once(refreshToken, () => refreshSession({ ...session, refreshToken }, { provider, selector, now }));
  }

  return {
    start: (request) => {
      const { key, side } = request;
      return startLogin(provider, redirectUri, selector.select({ key, clientId, side }), request);
    },
    finish,
    refresh,
  };
}

function redirectUriProblems(redirectUri: string): Problem[] {
  const isExact = URL.canParse(redirectUri) && new URL(redirectUri).href === redirectUri && !/[?#]/.test(redirectUri);
  if (isExact) return [];
  return [{ path: 'redirectUri', message: 'must be an absolute URL in normal form, without query or fragment' }];
}
