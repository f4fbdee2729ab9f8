import type { Clock } from '@crossfade/core';
import type { OnClientEvent } from '../events/client-event.ts';
import type { BrowserLogin, LoginSession } from '../login/browser-login.ts';
import type { SessionStore } from './session-store.ts';

/** Options of {@link createSessions}. They have no problems. */
export interface SessionsOptions {
  /** Refreshes sessions, and revokes the tokens of those that ended meanwhile. */
  readonly login: Pick<BrowserLogin, 'refresh' | 'revoke'>;
  readonly store: SessionStore;
  /** How long a session lasts without a request. It is noted in steps of a tenth, so it may end by that much earlier. */
  readonly idleMs: number;
  /** How long a session lasts in all. */
  readonly absoluteMs: number;
  /** The timeout of one request to the provider, as in the options of `login`. Default 10,000. */
  readonly providerTimeoutMs?: number;
  readonly now?: Clock;
  /** Receives the events of type `logout`; the others come from `login`. */
  readonly onEvent?: OnClientEvent;
}

/**
 * What a provider's logout ends: with `sid` that one session, and those of `sub` whose ID token had no `sid`; without it every session of
 * the user.
 */
export interface EndedAtProvider {
  readonly issuer: string;
  readonly sub?: string;
  readonly sid?: string;
}

/**
 * The sessions of an application, by the value of their cookie. A value that belongs to no session is like none.
 *
 * All methods reject with {@link UnavailableError} when the store cannot be reached, except that `read` and `fresh` go on
 * with a session that this process has seen while its access token is valid.
 */
export interface Sessions {
  /**
   * Stores the session of a login under a new cookie, and ends the one that the browser had: a value from before the login
   * is worth nothing after it. Revokes no token of the previous session, because a provider may revoke both.
   * @returns the value of the cookie.
   */
  create(session: LoginSession, previous?: string): Promise<string>;
  /** Returns the session, whatever its access token is worth. */
  read(cookie: string): Promise<LoginSession | undefined>;
  /**
   * Returns the session with an access token that is valid now. A valid one is returned at once, and renewed in the
   * background from 60 to 80 % of its lifetime on; only without one does the caller wait.
   * @param options.not an access token that an API refused: the session comes with another one. With the same one, if its
   * last refresh for this reason is less than 10 s ago: then the API refuses new tokens, too.
   * @returns `undefined` when there is no such session, or it ended meanwhile.
   * @throws {@link LoginRequiredError} when only a login gives a token.
   * @throws {@link GrantRefusedError}, {@link InvalidResponseError} when the provider does not refresh.
   * @throws {@link UnavailableError} when there is no valid token, and the provider or the store cannot be reached.
   */
  fresh(cookie: string, options?: { readonly not?: string | undefined }): Promise<LoginSession | undefined>;
  /**
   * Changes a session, such as by a login in the background. Excludes refreshes meanwhile. Keeps the cookie, and the time of
   * the login.
   * @param change returns the same session to change nothing.
   * @returns the session as it is from now on; `undefined` when there is none.
   * @throws {@link UnavailableError} also when a refresh does not end within a second.
   */
  replace(cookie: string, change: (session: LoginSession) => LoginSession): Promise<LoginSession | undefined>;
  /**
   * Ends a session. A refresh in progress does not bring it back, and its tokens are revoked.
   * @returns the session that there was: its tokens are still to be revoked.
   * @throws {@link UnavailableError} when the store cannot be reached: the session goes on.
   */
  end(cookie: string): Promise<LoginSession | undefined>;
  /** Ends what a provider ended. Returns how many sessions there were. */
  endWhere(ended: EndedAtProvider): Promise<number>;
  /**
   * Waits for the refreshes in progress, for 15 s at most. To call before a process ends: a refresh whose response is lost ends
   * its session. Never rejects.
   */
  settled(): Promise<void>;
}
