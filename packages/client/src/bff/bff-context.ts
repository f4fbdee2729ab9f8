import type { Clock } from '@crossfade/core';
import type { OnClientEvent } from '../events/client-event.ts';
import type { BrowserLogin } from '../login/browser-login.ts';
import type { Sessions } from '../session/sessions.ts';
import type { BffOptions } from './bff.ts';
import type { BffSettings } from './bff-settings.ts';
import type { Cookies } from './cookies/cookies.ts';
import type { PendingLogins } from './cookies/pending-logins.ts';
import type { PageResponse } from './pages/page-response.ts';

/** What the routes of a backend for browsers share. */
export interface BffContext {
  readonly settings: BffSettings;
  /** The application's own functions. */
  readonly hooks: Pick<BffOptions, 'key' | 'login' | 'issuance'>;
  readonly login: BrowserLogin;
  readonly sessions: Sessions;
  readonly pendingLogins: PendingLogins;
  readonly cookies: Cookies;
  readonly page: PageResponse;
  readonly onEvent: OnClientEvent;
  readonly now: Clock;
}

/** Responds to the requests of one path and method. May throw `UnavailableError`. */
export type BffRoute = (request: Request, url: URL) => Promise<Response>;

/** The short name of the session's cookie. */
export const SESSION_COOKIE = 'session';
