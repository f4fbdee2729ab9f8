import type { Side } from '@crossfade/core';
import type { ProviderOptions } from './provider-options.ts';

export interface BrowserLoginOptions extends ProviderOptions {
  /** Left out by public clients. */
  readonly clientSecret?: string;
  /** Where the provider sends the browser back to, exactly as registered there; no query, no fragment. */
  readonly redirectUri: string;
}

export interface LoginRequest {
  /** Who logs in, as something that stays the same over logins; a device cookie's value where nobody is known yet. */
  readonly key?: string;
  /** Forces this session to a side. Never take it from an untrusted request. */
  readonly side?: Side;
}

/**
 * A login under way. JSON; keep it where only the browser that started can reach it (a server-side session, an
 * encrypted cookie), and use it once.
 */
export interface PendingLogin {
  readonly side: Side;
  readonly key?: string;
  readonly forced?: Side;
  /** What the login asked for. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly state: string;
  /** Absent when the login asks for no ID token. */
  readonly nonce?: string;
  readonly codeVerifier: string;
}

/** A login that succeeded. JSON; holds tokens, so it belongs on a server, not in a browser. */
export interface LoginSession {
  /** The side that the access token was minted for, as far as the token response tells. */
  readonly side: Side;
  /** The side that the login asked for; another than `side` once a refresh has moved the session. */
  readonly loginSide: Side;
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
  /** What was granted: the response's `scope`, or the requested one where it says nothing (RFC 6749 §5.1). */
  readonly scope: string;
}

/** Logs browsers in from a server (BFF): authorization code with PKCE. Keeps no session, and reads no access token. */
export interface BrowserLogin {
  /** Asks the selector, and gives the URL to send the browser to. */
  start(request: LoginRequest): { readonly url: URL; readonly pending: PendingLogin };
  /**
   * Redeems the callback. Only the query of `callbackUrl` counts, so a proxy in front makes no difference.
   * @throws {@link GrantRefusedError} when the provider or the user said no.
   * @throws {@link InvalidResponseError} when the callback does not belong to `pending`.
   * @throws {@link UnavailableError} when the provider can't be reached.
   */
  finish(callbackUrl: URL, pending: PendingLogin): Promise<LoginSession>;
  /**
   * Gets a new access token, on the session's side or, where the selector says so, on the other one. Calls for the
   * same refresh token share one request. Store the result: the old refresh token may be spent.
   * @throws {@link LoginRequiredError} when the session is over.
   * @throws {@link UnavailableError} when the provider can't be reached: the session is still good.
   */
  refresh(session: LoginSession): Promise<LoginSession>;
}
