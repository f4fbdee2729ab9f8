import { UnavailableError } from '@crossfade/core';
import { beginLogin, selectorKey } from './begin-login.ts';
import type { BffContext, BffRoute } from './bff-context.ts';
import { createLoginStarts } from './cookies/login-starts.ts';
import { readLoginQuery } from './http/login-query.ts';
import { safeReturnTo } from './http/return-to.ts';
import { invalidLinkPage, loginHref, loopPage, unavailablePage } from './pages/failure-pages.ts';

/** `GET <prefix>/login`: sends the browser to the provider. `returnTo` is where it goes after the login. */
export function createLoginRoute(context: BffContext): BffRoute {
  const { settings, hooks, cookies, page, onEvent, now } = context;
  const { publicUrl, prefix } = settings;
  const starts = createLoginStarts(cookies, now);

  return async (request, url) => {
    const safe = safeReturnTo(url.searchParams.get('returnTo') || '/', publicUrl, prefix);
    if (safe === undefined) onEvent({ type: 'request_refused', check: 'return_to' });
    const returnTo = safe ?? '/';
    if (starts.isLoop(request)) {
      onEvent({ type: 'request_refused', check: 'login_loop' });
      return page(loopPage(returnTo), { 'retry-after': '60' });
    }
    const query = readLoginQuery(url.searchParams);
    if ('invalid' in query) return page(invalidLinkPage(query.invalid, loginHref(prefix, returnTo)));
    const { key, cookies: kept } = selectorKey(request, context);
    const asked = { ...query.asked, ...hooks.login?.(request), key };
    try {
      return await beginLogin(request, asked, { returnTo }, context, [...kept, starts.started(request)]);
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error;
      return unavailablePage(error, loginHref(prefix, returnTo), page);
    }
  };
}
