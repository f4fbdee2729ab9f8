import { ConfigError, type Problem } from '@crossfade/core';
import { eventSink } from '../events/client-event.ts';
import { acceptanceOf, clientProblems } from '../provider/client-options.ts';
import { createProviders } from '../provider/create-providers.ts';
import { LoginRequiredError } from '../provider/errors.ts';
import type { Provider } from '../provider/provider.ts';
import { createSideChooser } from '../tokens/side-chooser.ts';
import { mintEvent } from '../tokens/side-events.ts';
import { createSingleFlight } from '../tokens/single-flight.ts';
import type { BrowserLogin, BrowserLoginOptions, LoginSession } from './browser-login.ts';
import { fetchUser } from './fetch-user.ts';
import { finishLogin } from './finish-login.ts';
import { loginReport } from './login-report.ts';
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
  const { redirectUri, selector, now = Date.now } = options;
  const acceptance = acceptanceOf(options);
  const onEvent = eventSink(options.onEvent);
  const providers = createProviders(options);
  const chooser = createSideChooser(selector, acceptance, onEvent);
  const context = {
    providers,
    redirectUri,
    selector,
    acceptance,
    chooser,
    now,
    onEvent,
    moves: { stoppedAt: undefined },
  };
  /** Within this process two refreshes of one session share a request: a refresh token is for one use. */
  const once = createSingleFlight<LoginSession>();

  const knownProviderOf = ({ issuer, token }: LoginSession) => providers.at(issuer, token.asked.side);

  /** After the migration a client is left with one provider, while sessions of the other one still come. */
  function providerOf(session: LoginSession): Provider {
    const provider = knownProviderOf(session);
    if (provider === undefined) throw new LoginRequiredError('the client no longer has the provider of the session');
    return provider;
  }

  return {
    async start(request = {}) {
      const { key, side } = request;
      // The side decides which client it is.
      const chosen = chooser.choose({ key, clientId: providers.of('legacy').clientId, side }, 'login');
      const provider = providers.of(chosen.selection.side);
      const { issuer, options } = provider;
      const report = loginReport(request, chosen.selection.side, onEvent);
      return report(
        'started',
        provider.request('the login', (configuration) => {
          const start = { issuer, redirectUri, dpop: options.dpop === true, nowMs: now() };
          return startLogin(configuration, start, chosen, request);
        }),
      );
    },
    async finish(callbackUrl, pending) {
      const { request, asked, selection } = pending;
      const session = await loginReport(
        request,
        asked.side,
        onEvent,
      )('succeeded', finishLogin(callbackUrl, pending, context));
      const { side, sides: askedSides, revision } = selection;
      onEvent(mintEvent('login', { asked: side, revision, ...(askedSides && { askedSides }) }, session.token));
      return session;
    },
    async refresh(session) {
      const { refreshToken } = session;
      if (refreshToken === undefined) throw new LoginRequiredError('the session has no refresh token');
      if (knownProviderOf(session) === undefined) onEvent({ type: 'refresh', outcome: 'login_required' });
      const provider = providerOf(session);
      return once(refreshToken, () => refreshSession({ ...session, refreshToken }, provider, context));
    },
    async logoutUrl(session, request = {}) {
      const provider = knownProviderOf(session);
      return provider && logoutUrl(provider, session, request);
    },
    async revoke(session) {
      const provider = knownProviderOf(session);
      if (provider !== undefined) await revokeTokens(provider, session);
    },
    userinfo: async (session) => fetchUser(providerOf(session), session),
    logoutToken: createLogoutTokenVerifier(providers, now),
  };
}

function redirectUriProblems(redirectUri: string): Problem[] {
  const isExact = URL.canParse(redirectUri) && new URL(redirectUri).href === redirectUri && !/[?#]/.test(redirectUri);
  // A private-use scheme of a native application is a reversed domain name (RFC 8252 §7.1).
  if (isExact && /^(?:https?:|[a-z][\w+-]*\.[\w+.-]+:)/.test(redirectUri)) return [];
  return [{ path: 'redirectUri', message: 'must be an absolute URL in normal form, without query or fragment' }];
}
