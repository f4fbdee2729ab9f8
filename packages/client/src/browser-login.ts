import type { RequestParameters, Side } from '@crossfade/core';
import type { ProviderOptions } from './provider-options.ts';
import type { SelectedSides } from './selected-sides.ts';

export interface BrowserLoginOptions extends ProviderOptions {
  /** Absent for public clients. */
  readonly clientSecret?: string;
  /** The redirect URI, exactly as registered at the provider; no query, no fragment. */
  readonly redirectUri: string;
}

export interface LoginRequest {
  /** A value that stays the same across logins: a user id, or a device cookie's value before the user is known. */
  readonly key?: string;
  /** Forces this session to a side. Never take it from an untrusted request. */
  readonly side?: Side;
}

/**
 * A login in progress. JSON; keep it where only the browser that started it can reach it (a server-side session, an
 * encrypted cookie), and use it once.
 */
export interface PendingLogin extends SelectedSides {
  readonly key?: string;
  readonly forced?: Side;
  /** The parameters of the authorization request. */
  readonly parameters: RequestParameters;
  readonly state: string;
  /** Absent when the login asks for no ID token. */
  readonly nonce?: string;
  readonly codeVerifier: string;
}

/** A login that succeeded. JSON; holds tokens, so it belongs on a server, not in a browser. */
export interface LoginSession extends SelectedSides {
  /** The side that the access token was issued for, as far as the token response shows. */
  readonly side: Side;
  /** The side that the login asked for; differs from `side` after a refresh has moved the session. */
  readonly loginSide: Side;
  /** As `loginSide`, of each migration if selectors are combined. */
  readonly loginSides?: Readonly<Record<string, Side>>;
  readonly key?: string;
  readonly forced?: Side;
  /** Opaque: for the API, not for the client. */
  readonly accessToken: string;
  readonly refreshToken?: string;
  readonly idToken?: string;
  /** The `sub` of the ID token. */
  readonly subject?: string;
  /** When the access token expires: seconds since the epoch. */
  readonly expiresAt: number;
  /** The granted scope: the response's `scope`, or the requested one if the response has none (RFC 6749 §5.1). */
  readonly scope: string;
}

/** Logs browsers in from a server (BFF): authorization code with PKCE. Stores no session and reads no access token. */
export interface BrowserLogin {
  /** Asks the selector and returns the URL to send the browser to. */
  start(request: LoginRequest): { readonly url: URL; readonly pending: PendingLogin };
  /**
   * Redeems the callback. Uses only the query of `callbackUrl`, so a proxy in front does not matter.
   * @throws {@link GrantRefusedError} when the provider refused or the user declined.
   * @throws {@link InvalidResponseError} when the callback does not belong to `pending`.
   * @throws {@link UnavailableError} when the provider cannot be reached.
   */
  finish(callbackUrl: URL, pending: PendingLogin): Promise<LoginSession>;
  /**
   * Gets a new access token, on the session's side or, if the selector decides so, on the other one. Calls with the same
   * refresh token share one request. Store the result: the previous refresh token may be spent.
   * @throws {@link LoginRequiredError} when the session has ended.
   * @throws {@link UnavailableError} when the provider cannot be reached: the session remains valid.
   */
  refresh(session: LoginSession): Promise<LoginSession>;
}
