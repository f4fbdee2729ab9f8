import type { UnavailableError } from '@crossfade/core';
import type { GrantRefusedError } from '../../provider/errors.ts';
import type { BffPage } from './page.ts';
import type { PageResponse } from './page-response.ts';

/** The path that starts a login which leads to `returnTo`. */
export function loginHref(prefix: string, returnTo: string): string {
  return `${prefix}/login${returnTo === '/' ? '' : `?${new URLSearchParams({ returnTo })}`}`;
}

/** @param href where to try again; empty for the same URL. */
export function unavailablePage({ retryAfterSeconds }: UnavailableError, href: string, page: PageResponse): Response {
  const text = 'The sign-in service does not respond at the moment. Nothing is lost: try again shortly.';
  const action = { label: 'Try again', href, method: 'GET' } as const;
  const headers = { 'retry-after': String(retryAfterSeconds) };
  return page({ kind: 'unavailable', status: 503, text, action, code: 'unavailable' }, headers);
}

export function loopPage(returnTo: string): BffPage {
  return {
    kind: 'loop',
    status: 429,
    text: 'You were sent to sign in several times in a row. Check that this browser accepts cookies, then go on.',
    action: { label: 'Go on', href: returnTo, method: 'GET' },
    code: 'login_loop',
  };
}

/** @param code the parameter that is wrong. */
export function invalidLinkPage(code: string, href: string): BffPage {
  return {
    kind: 'failed',
    status: 400,
    text: 'The link that brought you here is not valid.',
    action: { label: 'Sign in', href, method: 'GET' },
    code,
  };
}

/** Of a callback whose login is not known here: used, too old, or of another browser. */
export function expiredPage(code: string, href: string): BffPage {
  return {
    kind: 'expired',
    status: 400,
    text: 'It was used already, took too long, or was started in another browser.',
    action: { label: 'Sign in again', href, method: 'GET' },
    code,
  };
}

export function failedPage(code: string, href: string): BffPage {
  return {
    kind: 'failed',
    status: 400,
    text: 'The response of the sign-in service did not pass a check, so it was not used.',
    action: { label: 'Sign in again', href, method: 'GET' },
    code,
  };
}

/** Errors of a login that was to show no page (OIDC Core §3.1.2.6). */
const NEEDS_PAGE: readonly string[] = [
  'login_required',
  'interaction_required',
  'consent_required',
  'account_selection_required',
];

/** Whether the user did not sign in because they did not want to, or were not asked. */
export function isDeclined(refusal: GrantRefusedError): boolean {
  return refusal.isDeclined || NEEDS_PAGE.includes(refusal.error);
}

export function declinedPage(code: string, href: string): BffPage {
  return {
    kind: 'declined',
    status: 403,
    text: 'You did not sign in, or did not agree. You can do so at any time.',
    action: { label: 'Sign in', href, method: 'GET' },
    code,
  };
}

export function refusedPage(code: string, href: string): BffPage {
  return {
    kind: 'refused',
    status: 502,
    text: 'The sign-in service refused the request of this application. If it happens again, tell its support.',
    action: { label: 'Try again', href, method: 'GET' },
    code,
  };
}

export function unexpectedPage(): BffPage {
  return {
    kind: 'failed',
    status: 500,
    text: 'Something went wrong on our side.',
    action: { label: 'Go on', href: '/', method: 'GET' },
    code: 'unexpected_error',
  };
}
