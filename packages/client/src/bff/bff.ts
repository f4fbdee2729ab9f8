import type { MintedSide } from '@crossfade/core';
import type { PublishedIssuance } from '@crossfade/core/status';
import type { LoginRequest } from '../login/browser-login.ts';
import type { ClientOptions } from '../provider/client-options.ts';
import type { SessionStore } from '../session/session-store.ts';
import type { BffPage } from './pages/page.ts';

/** Options of {@link createBff}. */
export type BffOptions = ClientOptions & {
  /** The origin by which browsers reach the application: `https://app.example.com`. The redirect URI is below it. */
  readonly publicUrl: string;
  /** Where the routes are. Default `/auth`: the redirect URI to register is `<publicUrl>/auth/callback`. */
  readonly prefix?: string;
  /** Default: in memory, for one instance. `createRedisSessionStore` for several. */
  readonly store?: SessionStore;
  /** How long a session lasts without a request (default `24h`), and in all (default `30d`). */
  readonly session?: { readonly idle?: string; readonly absolute?: string };
  /** APIs that browsers reach through the application, with their user's token: `{ '/api/': 'https://orders.example.com/' }`. */
  readonly api?: Readonly<Record<string, string>>;
  /**
   * How long an API may be silent before its response begins: while it connects, takes the body, or works. In ms, default
   * 60,000. A body has no limit.
   */
  readonly apiTimeoutMs?: number;
  /**
   * Sends the requests to APIs, such as with a client certificate; its own limits of time apply. Default: Node's own requests,
   * and `fetch` for {@link Bff.fetch}.
   */
  readonly apiFetch?: typeof fetch;
  /**
   * What `<prefix>/user` responds with: claims of the ID token (default `sub`), and with `userinfo` the same claims of the
   * provider's userinfo endpoint.
   */
  readonly user?: { readonly claims?: readonly string[]; readonly userinfo?: boolean };
  /**
   * The key of the selector; `undefined` means legacy. Default: a random value that stays in the browser's cookie
   * `crossfade-device`.
   */
  readonly key?: (request: Request) => string | undefined;
  /**
   * What to add to each login, before what the query of `<prefix>/login` asks for: `prompt`, `login_hint`, `max_age` and
   * `acr_values` of the query are passed on without it.
   */
  readonly login?: (request: Request) => Omit<LoginRequest, 'key'>;
  /**
   * Moves sessions that a refresh cannot move by a login without a page (`prompt=none`), spread over this time after the flag
   * moved. Needs a selector with `refresh: 'reauthenticate'`. Default `15m`; `false`: sessions stay on their side until they end.
   */
  readonly silentLogin?: { readonly spread?: string } | false;
  /**
   * The position that `<prefix>/issuance` publishes for browsers and phones: `issuanceSwitch(flags)`. Default: the route does
   * not exist.
   */
  readonly issuance?: () => Omit<PublishedIssuance, 'stale'> & { readonly stale?: boolean };
  /** Renders the pages that a user sees when a login ends without a session. Default: plain pages in English. */
  readonly page?: (page: BffPage) => string;
};

/** The user of a request. */
export interface BffUser {
  readonly subject: string | undefined;
  /** The claims that `user.claims` lists. */
  readonly claims: Readonly<Record<string, unknown>>;
  /** The side of the access token, as far as its token response shows. */
  readonly side: MintedSide;
}

/** A backend for browsers: logs users in, keeps their tokens on the server, calls APIs for them. @see RFC 10017 */
export interface Bff {
  /** The origin by which browsers reach the application. */
  readonly publicUrl: string;
  /** Where the routes are, such as `/auth`. */
  readonly prefix: string;
  /** Where `handle` responds to every request: below the prefix, and below the path of each API. Each ends with a slash. */
  readonly paths: readonly string[];
  /**
   * Responds to the routes below `prefix`, to API requests, and, where a session has to move, to navigations; `undefined` for
   * every request that is the application's own. Never rejects.
   */
  handle(request: Request): Promise<Response | undefined>;
  /** The user of a request; `undefined` without a session. */
  user(request: Request): Promise<BffUser | undefined>;
  /**
   * An access token of the request's user, valid now.
   * @param options.not a token that the API refused with 401: another one is returned.
   * @throws {@link LoginRequiredError} without a session, or when only a login gives a token.
   * @throws {@link UnavailableError} when there is no valid token and none can be had now.
   */
  token(request: Request, options?: { readonly not?: string }): Promise<string>;
  /**
   * Calls an API as the request's user: `fetch` with their token, once more with a new one after a 401 (not with a streamed
   * body).
   * @throws as {@link Bff.token}.
   */
  fetch(request: Request, input: string | URL, init?: RequestInit): Promise<Response>;
  /**
   * Waits for the refreshes in progress, for 15 s at most. Call it before the process ends, after the last request: a refresh
   * whose response is lost ends its session. Closes nothing that is yours, such as the client of a store. Never rejects.
   */
  close(): Promise<void>;
}
