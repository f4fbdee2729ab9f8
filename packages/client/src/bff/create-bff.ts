import { eventSink } from '../events/client-event.ts';
import { createBrowserLogin } from '../login/create-browser-login.ts';
import { LoginRequiredError } from '../provider/errors.ts';
import { createSessions } from '../session/create-sessions.ts';
import { createApiFetch } from './api/api-fetch.ts';
import { createApiProxy } from './api/api-proxy.ts';
import { createBackChannelLogoutRoute } from './back-channel-logout.ts';
import type { Bff, BffOptions } from './bff.ts';
import { type BffContext, SESSION_COOKIE } from './bff-context.ts';
import { bffSettings } from './bff-settings.ts';
import { bffUser } from './bff-user.ts';
import { createCallbackRoute } from './callback-route.ts';
import { createCookies } from './cookies/cookies.ts';
import { createPendingLogins } from './cookies/pending-logins.ts';
import { createIssuanceRoute } from './issuance-route.ts';
import { createLoginRoute } from './login-route.ts';
import { createLogoutPageRoute, createLogoutRoute } from './logout-route.ts';
import { createPageResponse } from './pages/page-response.ts';
import { type BffRoutes, errorResponse, routeRequest } from './route-requests.ts';
import { createSilentMoves } from './silent-moves.ts';
import { unexpectedError } from './unexpected-error.ts';
import { createUserRoute } from './user-route.ts';

/**
 * Creates a backend for browsers, without a request: the provider may be down. Register `<publicUrl><prefix>/callback` as its
 * redirect URI, and `<publicUrl>/` as the one after a logout.
 * @throws {@link ConfigError} with every problem of the options.
 * @see RFC 10017 §6.1
 * @example
 * ```ts
 * const bff = createBff({ issuer, clientId, clientSecret, selector, publicUrl: 'https://app.example.com' });
 * const response = (await bff.handle(request)) ?? (await application(request));
 * ```
 */
export function createBff(options: BffOptions): Bff {
  const settings = bffSettings(options);
  const { publicUrl, prefix, store, idleMs, absoluteMs, providerTimeoutMs, claims } = settings;
  const { now = Date.now } = options;
  const onEvent = eventSink(options.onEvent);
  const login = createBrowserLogin({ ...options, redirectUri: `${publicUrl}${prefix}/callback` });
  const cookies = createCookies(publicUrl.startsWith('https:'));
  const context: BffContext = {
    settings,
    hooks: options,
    login,
    sessions: createSessions({ login, store, idleMs, absoluteMs, providerTimeoutMs, now, onEvent }),
    pendingLogins: createPendingLogins(store, cookies, now),
    cookies,
    page: createPageResponse(options.page, (error) => onEvent(unexpectedError(error))),
    onEvent,
    now,
  };
  const { sessions } = context;
  const silentMoves = createSilentMoves(options, context);
  const { api, apiTimeoutMs: timeoutMs } = settings;
  const apiFetch = createApiFetch(sessions);
  const cookieOf = (request: Request) => cookies.read(request, SESSION_COOKIE);
  const proxy = createApiProxy({
    ...{ publicUrl, prefix, api, timeoutMs, apiFetch, cookieOf, onEvent },
    send: options.apiFetch,
  });
  const routes: BffRoutes = {
    login: { GET: createLoginRoute(context) },
    callback: { GET: createCallbackRoute(context, silentMoves?.logins) },
    logout: { GET: createLogoutPageRoute(context), POST: createLogoutRoute(context) },
    'backchannel-logout': { POST: createBackChannelLogoutRoute(context) },
    user: { GET: createUserRoute(context) },
    ...(options.issuance !== undefined && { issuance: { GET: createIssuanceRoute(options.issuance) } }),
  };

  async function respond(request: Request): Promise<Response | undefined> {
    const url = new URL(request.url);
    if (url.pathname === prefix || url.pathname.startsWith(`${prefix}/`))
      return routeRequest(request, url, prefix, routes);
    return (await proxy(request, url)) ?? silentMoves?.begin(request, url);
  }

  async function token(request: Request, { not }: { readonly not?: string } = {}): Promise<string> {
    const cookie = cookieOf(request);
    const session = cookie === undefined ? undefined : await sessions.fresh(cookie, { not });
    if (session === undefined) throw new LoginRequiredError('there is no session');
    return session.token.accessToken;
  }

  return {
    publicUrl,
    prefix,
    paths: [`${prefix}/`, ...Object.keys(api)],
    handle: (request) => respond(request).catch((error: unknown) => errorResponse(error, request, context)),
    async user(request) {
      const cookie = cookieOf(request);
      const session = cookie === undefined ? undefined : await sessions.read(cookie);
      return session === undefined ? undefined : bffUser(session, claims);
    },
    token,
    fetch: (request, input, init = {}) => apiFetch(cookieOf(request), input, init, options.apiFetch ?? fetch),
    close: sessions.settled,
  };
}
