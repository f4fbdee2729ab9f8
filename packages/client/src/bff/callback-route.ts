import { UnavailableError } from '@crossfade/core';
import type { LoginSession } from '../login/browser-login.ts';
import { GrantRefusedError, InvalidResponseError } from '../provider/errors.ts';
import { beginLogin } from './begin-login.ts';
import type { BffContext, BffRoute } from './bff-context.ts';
import { SESSION_COOKIE } from './bff-context.ts';
import { createLoginStarts } from './cookies/login-starts.ts';
import type { TakenLogin } from './cookies/pending-logins.ts';
import { seeOther, withCookies } from './http/responses.ts';
import {
  declinedPage,
  expiredPage,
  failedPage,
  isDeclined,
  loginHref,
  refusedPage,
  unavailablePage,
} from './pages/failure-pages.ts';
import type { SilentLogins } from './silent-login.ts';

/** `GET <prefix>/callback`: the redirect URI. Every request ends in the application, or in a page with a way on. */
export function createCallbackRoute(context: BffContext, silentLogins: SilentLogins | undefined): BffRoute {
  const { settings, login, sessions, pendingLogins, cookies, page, onEvent, now } = context;
  const { publicUrl, prefix, absoluteMs } = settings;
  const starts = createLoginStarts(cookies, now);
  const goTo = (path: string, lines: readonly string[]) => seeOther(`${publicUrl}${path}`, lines);
  const sessionCookie = (value: string) => cookies.set(SESSION_COOKIE, value, Math.floor(absoluteMs / 1000));

  async function hasSession(request: Request): Promise<boolean> {
    const cookie = cookies.read(request, SESSION_COOKIE);
    return cookie !== undefined && (await sessions.read(cookie)) !== undefined;
  }

  /** Back button, reload and a second tab lead to the application; so does a callback that an attacker sent. */
  async function withoutLogin(request: Request): Promise<Response> {
    onEvent({ type: 'login', outcome: 'invalid', check: 'state' });
    return (await hasSession(request)) ? goTo('/', []) : page(expiredPage('state', loginHref(prefix, '/')));
  }

  /** The code was used or is too old; some providers take only the latest code of a browser with two tabs. */
  async function withoutCode(request: Request, { record, clear }: TakenLogin): Promise<Response> {
    const { pending, returnTo } = record;
    const { prompt, maxAge, acrValues } = pending.request;
    const isPlain = prompt === undefined && maxAge === undefined && acrValues === undefined;
    if (isPlain && (await hasSession(request))) return goTo(returnTo, [clear]);
    return withCookies(page(expiredPage('code', loginHref(prefix, returnTo))), [clear]);
  }

  async function signIn(request: Request, session: LoginSession, { record, clear }: TakenLogin): Promise<Response> {
    const cookie = await sessions.create(session, cookies.read(request, SESSION_COOKIE));
    return goTo(record.returnTo, [sessionCookie(cookie), starts.succeeded(request), clear]);
  }

  async function moveSilently(url: URL, request: Request, { record, clear }: TakenLogin): Promise<Response> {
    const { pending, silent, returnTo } = record;
    if (silent !== undefined) await silentLogins?.finish(url, pending, silent, cookies.read(request, SESSION_COOKIE));
    return goTo(returnTo, [clear]);
  }

  async function afterRefusal(error: GrantRefusedError, request: Request, taken: TakenLogin): Promise<Response> {
    const { record, clear } = taken;
    const { pending, returnTo, isRetry } = record;
    const href = loginHref(prefix, returnTo);
    if (error.fallsBack && isRetry !== true) {
      return beginLogin(request, pending.request, { returnTo, isRetry: true }, context, [clear]);
    }
    if (isDeclined(error)) return withCookies(page(declinedPage(error.error, href)), [clear]);
    if (error.error === 'invalid_grant') return withoutCode(request, taken);
    return withCookies(page(refusedPage(error.error, href)), [clear]);
  }

  async function afterOutage(error: UnavailableError, url: URL, taken: TakenLogin): Promise<Response> {
    const { returnTo } = taken.record;
    // The provider says so in the callback itself: the same callback would say it for ever.
    if (url.searchParams.has('error')) {
      return withCookies(unavailablePage(error, loginHref(prefix, returnTo), page), [taken.clear]);
    }
    await taken.putBack().catch(() => {});
    return unavailablePage(error, '', page);
  }

  async function afterError(error: unknown, request: Request, url: URL, taken: TakenLogin): Promise<Response> {
    if (error instanceof UnavailableError) return afterOutage(error, url, taken);
    if (error instanceof GrantRefusedError) return afterRefusal(error, request, taken);
    if (!(error instanceof InvalidResponseError)) throw error;
    const { returnTo } = taken.record;
    return withCookies(page(failedPage(error.check, loginHref(prefix, returnTo))), [taken.clear]);
  }

  return async (request, url) => {
    const taken = await pendingLogins.take(request, url.searchParams.get('state'));
    if (taken === undefined) return withoutLogin(request);
    if (taken.record.silent !== undefined) return moveSilently(url, request, taken);
    let session: LoginSession;
    try {
      session = await login.finish(url, taken.record.pending);
    } catch (error) {
      return afterError(error, request, url, taken);
    }
    return signIn(request, session, taken);
  };
}
