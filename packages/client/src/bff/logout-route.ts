import type { LoginSession } from '../login/browser-login.ts';
import { settleWithin } from '../provider/settle-within.ts';
import { type BffContext, type BffRoute, SESSION_COOKIE } from './bff-context.ts';
import { createLoginStarts } from './cookies/login-starts.ts';
import { json, problem, seeOther, withCookies } from './http/responses.ts';
import { isSameOrigin } from './http/same-origin.ts';
import type { BffPage } from './pages/page.ts';

/** How long a user waits for the provider; the tokens are revoked beside it. */
const PROVIDER_WAIT_MS = 2000;

/** `GET <prefix>/logout`: a page with the button, because a link of another site must log out no user. */
export function createLogoutPageRoute({ settings, page }: BffContext): BffRoute {
  const confirm: BffPage = {
    kind: 'confirm_logout',
    status: 200,
    text: 'You are about to sign out of this application.',
    action: { label: 'Sign out', href: `${settings.prefix}/logout`, method: 'POST' },
    code: 'confirm_logout',
  };
  return async () => page(confirm);
}

/**
 * `POST <prefix>/logout`: ends the session here, then at the provider. A request that accepts only JSON gets the URL to go
 * to as `location`.
 */
export function createLogoutRoute(context: BffContext): BffRoute {
  const { settings, login, sessions, cookies, page, onEvent, now } = context;
  const { publicUrl } = settings;
  const starts = createLoginStarts(cookies, now);
  const signedOut: BffPage = {
    kind: 'signed_out',
    status: 200,
    text: 'You are signed out of this application.',
    action: { label: 'Go on', href: '/', method: 'GET' },
    code: 'signed_out',
  };

  async function endAtProvider(session: LoginSession): Promise<URL | undefined> {
    const revoked = login.revoke(session);
    const url = login.logoutUrl(session, { postLogoutRedirectUri: `${publicUrl}/` }).catch(() => undefined);
    const both = Promise.all([url, revoked]).then(([location]) => location);
    return settleWithin(PROVIDER_WAIT_MS, both, () => new Error('late')).catch(() => undefined);
  }

  return async (request) => {
    if (!isSameOrigin(request, publicUrl)) {
      onEvent({ type: 'request_refused', check: 'origin' });
      return problem(403, { code: 'cross_site', title: 'The request did not come from this application' });
    }
    const cookie = cookies.read(request, SESSION_COOKIE);
    const session = cookie === undefined ? undefined : await sessions.end(cookie);
    const cleared = [cookies.clear(SESSION_COOKIE), starts.forgotten()];
    const location = session === undefined ? undefined : await endAtProvider(session);
    if (acceptsOnlyJson(request)) return json({ location: location?.href ?? `${publicUrl}/` }, cleared);
    return location === undefined ? withCookies(page(signedOut), cleared) : seeOther(location.href, cleared);
  };
}

function acceptsOnlyJson({ headers }: Request): boolean {
  return /^application\/json\b/i.test(headers.get('accept') ?? '');
}
