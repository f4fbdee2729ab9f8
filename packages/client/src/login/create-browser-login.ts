import { ConfigError, type Problem } from '@crossfade/core';
import { parameterEntries } from '@crossfade/selector';
import { authorizationCodeGrant } from 'openid-client';
import { eventSink } from '../events/client-event.ts';
import { clientProblems } from '../provider/client-options.ts';
import { createProviders } from '../provider/create-providers.ts';
import { GrantRefusedError, InvalidResponseError, LoginRequiredError } from '../provider/errors.ts';
import type { Provider } from '../provider/provider.ts';
import { requestSides } from '../tokens/selected-sides.ts';
import { createSideChooser } from '../tokens/side-chooser.ts';
import { createSingleFlight } from '../tokens/single-flight.ts';
import type { BrowserLogin, BrowserLoginOptions, LoginSession, PendingLogin } from './browser-login.ts';
import { fetchUser } from './fetch-user.ts';
import { loginSession } from './login-session.ts';
import { createLogoutTokenVerifier } from './logout-token.ts';
import { logoutUrl } from './logout-url.ts';
import { refreshSession } from './refresh-session.ts';
import { revokeTokens } from './revoke-tokens.ts';
import { startLogin } from './start-login.ts';

/**
 * Creates the login of an application, without a request: the provider's metadata is fetched at the first login.
 * @throws {@link ConfigError} with every problem of the options.
 * @example
 * ```ts
 * const login = createBrowserLogin({ issuer, clientId, clientSecret, redirectUri, selector });
 * const { url, pending } = await login.start({ key: deviceId });
 * ```
 */
export function createBrowserLogin(options: BrowserLoginOptions): BrowserLogin {
  const problems = [...clientProblems(options), ...redirectUriProblems(options.redirectUri)];
  if (problems.length > 0) throw new ConfigError('client', problems);
  const { redirectUri, selector, acceptance = () => 'both' as const, now = Date.now } = options;
  const onEvent = eventSink(options.onEvent);
  const providers = createProviders(options);
  /** Within this process two refreshes of one session share a request: a refresh token is for one use. */
  const once = createSingleFlight<LoginSession>();
  const chooser = createSideChooser(selector, acceptance, onEvent);

  function providerOf(issuer: string): Provider {
    const provider = providers.at(issuer);
    if (provider === undefined) throw new InvalidResponseError('the login', 'iss');
    return provider;
  }

  async function finish(callbackUrl: URL, pending: PendingLogin): Promise<LoginSession> {
    const { issuer, selection, asked, parameters, state, nonce, codeVerifier } = pending;
    const { revision } = selection;
    const request = { asked, scope: parameters.scope, revision, atMs: now() };
    const callback = new URL(redirectUri);
    callback.search = callbackUrl.search;
    const checks = {
      expectedState: state,
      pkceCodeVerifier: codeVerifier,
      ...(nonce !== undefined && { expectedNonce: nonce }),
    };
    const { resource } = parameters;
    try {
      const response = await providerOf(issuer).request('the login', (configuration) =>
        authorizationCodeGrant(
          configuration,
          callback,
          checks,
          new URLSearchParams(resource === undefined ? [] : parameterEntries({ resource })),
        ),
      );
      const session = loginSession(response, request, { issuer, selection }, selector);
      onEvent({ type: 'mint', use: 'login', asked: selection.side, minted: session.token.side, revision });
      return session;
    } catch (error) {
      if (!(error instanceof GrantRefusedError)) throw error;
      const { side, reason } = selection;
      const chosen = { selection: selector.select(requestSides(asked, selector)), asked: side, reason, revision };
      const fallsBack = chooser.refused(chosen, 'login', error);
      throw fallsBack ? new GrantRefusedError('the login', error.error, { fallsBack }) : error;
    }
  }

  return {
    async start(request = {}) {
      const { key, side } = request;
      // The side decides which client it is.
      const chosen = chooser.choose({ key, clientId: providers.of('legacy').clientId, side }, 'login');
      const provider = providers.of(chosen.selection.side);
      const { issuer } = provider;
      return provider.request('the login', async (configuration) =>
        startLogin(configuration, { issuer, redirectUri }, chosen, request),
      );
    },
    finish,
    async refresh(session) {
      const { refreshToken } = session;
      if (refreshToken === undefined) throw new LoginRequiredError('the session has no refresh token');
      const provider = providerOf(session.issuer);
      return once(refreshToken, () =>
        refreshSession({ ...session, refreshToken }, { provider, selector, now, onEvent }),
      );
    },
    logoutUrl: async (session, request = {}) => logoutUrl(providerOf(session.issuer), session, request),
    revoke: async (session) => revokeTokens(providerOf(session.issuer), session),
    userinfo: async (session) => fetchUser(providerOf(session.issuer), session),
    logoutToken: createLogoutTokenVerifier(providers, now),
  };
}

function redirectUriProblems(redirectUri: string): Problem[] {
  const isExact = URL.canParse(redirectUri) && new URL(redirectUri).href === redirectUri && !/[?#]/.test(redirectUri);
  if (isExact) return [];
  return [{ path: 'redirectUri', message: 'must be an absolute URL in normal form, without query or fragment' }];
}
