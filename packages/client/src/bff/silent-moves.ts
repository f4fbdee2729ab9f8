import type { BffOptions } from './bff.ts';
import { type BffContext, SESSION_COOKIE } from './bff-context.ts';
import { seeOther } from './http/responses.ts';
import { safeReturnTo } from './http/return-to.ts';
import { createReachability } from './reachability.ts';
import { createSilentLogins, type SilentLogins } from './silent-login.ts';

/** Silent logins as part of a backend for browsers. */
export interface SilentMoves {
  readonly logins: SilentLogins;
  /** Sends a navigation to the provider if its session has to move; `undefined`: the request goes on. Never rejects. */
  begin(request: Request, url: URL): Promise<Response | undefined>;
}

/** `undefined` where the options switch them off. */
export function createSilentMoves(options: BffOptions, context: BffContext): SilentMoves | undefined {
  const { settings, login, sessions, pendingLogins, cookies, onEvent, now } = context;
  const { silentSpreadMs, publicUrl, prefix } = settings;
  if (silentSpreadMs === undefined) return undefined;
  const [legacy, target] =
    'providers' in options ? [options.providers.legacy, options.providers.target] : [options, options];
  const logins = createSilentLogins({
    login,
    sessions,
    selector: options.selector,
    targetIssuer: target.issuer,
    clientId: legacy.clientId,
    isReachable: createReachability(target.issuer, target.fetch, now),
    spreadMs: silentSpreadMs,
    now,
    onEvent,
  });

  async function begin(request: Request, url: URL): Promise<Response | undefined> {
    const cookie = cookies.read(request, SESSION_COOKIE);
    // Before the session is read: most requests are no navigation.
    if (cookie === undefined || request.headers.get('sec-fetch-mode') !== 'navigate') return undefined;
    const session = await sessions.read(cookie);
    const started = session && (await logins.start(request, cookie, session));
    if (started === undefined) return undefined;
    const { pending, silent } = started;
    const returnTo = safeReturnTo(`${url.pathname}${url.search}`, publicUrl, prefix) ?? '/';
    return seeOther(started.url.href, await pendingLogins.add(request, { pending, returnTo, silent }));
  }

  return { logins, begin: (request, url) => begin(request, url).catch(() => undefined) };
}
