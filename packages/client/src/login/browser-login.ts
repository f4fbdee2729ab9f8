import type { webcrypto } from 'node:crypto';
import type { MintedSide, RequestParameters, SelectionReason, Side } from '@crossfade/core';
import type { ClientOptions } from '../provider/client-options.ts';
import type { SelectedSides } from '../tokens/selected-sides.ts';

export type BrowserLoginOptions = ClientOptions & {
  /** The redirect URI, exactly as registered at the provider; no query, no fragment. */
  readonly redirectUri: string;
};

/** One login. What is in `parameters` must not come from an untrusted request. */
export interface LoginRequest {
  /** A value that stays the same across logins: a user id, or a device cookie's value before the user is known. */
  readonly key?: string | undefined;
  /** Forces this session to a side. Never take it from an untrusted request. */
  readonly side?: Side | undefined;
  /** @see OIDC Core §3.1.2.1 */
  readonly prompt?: string | undefined;
  readonly loginHint?: string | undefined;
  /** The longest time since the user authenticated, in seconds; held against the ID token's `auth_time`. */
  readonly maxAge?: number | undefined;
  readonly acrValues?: string | undefined;
  /** Further parameters of the authorization request, such as `ui_locales`; none of this list or of the protocol. */
  readonly parameters?: Readonly<Record<string, string>> | undefined;
}

/** What a login asked for, and why. */
export interface SessionSelection extends SelectedSides {
  readonly reason: SelectionReason;
  readonly revision: string | null;
  readonly key?: string;
  readonly forced?: Side;
}

/**
 * A login in progress. JSON; keep it where only the browser that started it can reach it (a server-side session, an
 * encrypted cookie), and use it once.
 */
export interface PendingLogin {
  /** The issuer that was asked: a callback of another is refused. */
  readonly issuer: string;
  /** What the selector selected. */
  readonly selection: SessionSelection;
  /** What was asked for: `selection`, or legacy where the provider refuses target. */
  readonly asked: SelectedSides;
  readonly request: LoginRequest;
  /** The parameters of the authorization request that ask for the side. */
  readonly parameters: RequestParameters;
  /** Seconds since the epoch. `auth_time` may be older than this by `maxAge`. */
  readonly startedAt: number;
  readonly state: string;
  /** Absent when the login asks for no ID token. */
  readonly nonce?: string;
  readonly codeVerifier: string;
  /** The private key of a login with DPoP (RFC 9449). */
  readonly dpopKey?: webcrypto.JsonWebKey;
}

/** The access token of a session. */
export interface SessionToken {
  /** Opaque: for the API, not for the client. */
  readonly accessToken: string;
  /** When it was requested: seconds since the epoch. */
  readonly requestedAt: number;
  /** When it expires: seconds since the epoch. */
  readonly expiresAt: number;
  /** The granted scope: the response's `scope`, or the requested one if the response has none (RFC 6749 §5.1). */
  readonly scope: string;
  /** The side that was asked for. */
  readonly asked: SelectedSides;
  /** The side that it was minted for, as far as the token response shows. */
  readonly side: MintedSide;
  /** As `side`, of each migration if selectors are combined. */
  readonly sides?: Readonly<Record<string, MintedSide>>;
  /** The revision of the flag that it was requested at. */
  readonly revision: string | null;
}

/** A login that succeeded. JSON; holds tokens, so it belongs on a server, not in a browser. */
export interface LoginSession {
  /** The issuer of all its tokens. */
  readonly issuer: string;
  /**
   * What the login asked for, and why: legacy where it fell back, for the reason of what was selected. Stays, whatever a refresh
   * does.
   */
  readonly selection: SessionSelection;
  readonly token: SessionToken;
  readonly refreshToken?: string;
  /** Whether `refreshToken` came from a refresh, which rotated it. */
  readonly isRotated?: boolean;
  readonly idToken?: string;
  /** The `sub` of the ID token. */
  readonly subject?: string;
  /** The `sid` of the ID token: the session at the provider, for back-channel logout. */
  readonly sid?: string;
  /** The revision at which the provider did not grant a move to the other side: it is not asked again at this one. */
  readonly moveRefusedAt?: string | null;
  /** The revision at which a silent login (`prompt=none`) was last tried for it: once a revision is enough. */
  readonly silentLoginAt?: string | null;
  /** The private key that the tokens are bound to, of a login with DPoP (RFC 9449). */
  readonly dpopKey?: webcrypto.JsonWebKey;
}

/** Where the provider sends the browser after a logout. */
export interface LogoutRequest {
  /** Exactly as registered at the provider. Default: the browser stays at the provider. */
  readonly postLogoutRedirectUri?: string | undefined;
  /** Comes back with `postLogoutRedirectUri`. */
  readonly state?: string | undefined;
}

/** What a provider's logout token ends: the sessions with this `sid`, or without one all sessions of this `sub`. */
export interface LogoutToken {
  readonly issuer: string;
  readonly sub?: string;
  readonly sid?: string;
}

/** The claims of the userinfo endpoint. */
export interface UserInfo {
  readonly sub: string;
  readonly [claim: string]: unknown;
}

/** Logs browsers in: authorization code with PKCE. Stores no session and reads no access token. */
export interface BrowserLogin {
  /**
   * Asks the selector and returns the URL to send the browser to.
   * @throws {@link ConfigError} when the request sets a parameter that the login itself sets, or the provider's metadata names
   * another issuer.
   * @throws {@link UnavailableError} when the provider's metadata cannot be fetched.
   */
  start(request?: LoginRequest): Promise<{ readonly url: URL; readonly pending: PendingLogin }>;
  /**
   * Redeems the callback. Uses only the query of `callbackUrl`, so a proxy in front does not matter.
   * @throws {@link GrantRefusedError} when the provider refused or the user declined. If `fallsBack` is set, the provider
   * refuses the target side: `start(pending.request)` now asks for legacy.
   * @throws {@link InvalidResponseError} when the callback does not belong to `pending`.
   * @throws {@link UnavailableError} when the provider cannot be reached.
   */
  finish(callbackUrl: URL, pending: PendingLogin): Promise<LoginSession>;
  /**
   * Gets a new access token, on the session's side or, if the selector decides so, on the other one. Store the result: the
   * previous refresh token may be spent, and using it twice ends the session. `createBff` does so.
   * @throws {@link LoginRequiredError} when only a login can give the user a token.
   * @throws {@link UnavailableError} when the provider cannot be reached: the session remains valid.
   */
  refresh(session: LoginSession): Promise<LoginSession>;
  /**
   * Returns the URL that ends the user's session at the provider, with the ID token as a hint; `undefined` where the provider
   * has no such endpoint, or its metadata cannot be fetched. Does not end the session here.
   * @see OIDC RP-Initiated Logout 1.0 §2
   */
  logoutUrl(session: LoginSession, request?: LogoutRequest): Promise<URL | undefined>;
  /**
   * Revokes the tokens of a session at the provider, where it offers that. Never rejects: a token that cannot be revoked
   * expires.
   * @see RFC 7009
   */
  revoke(session: LoginSession): Promise<void>;
  /**
   * Fetches the claims of the session's user.
   * @throws {@link InvalidResponseError} when they are another user's, or the provider has no userinfo endpoint.
   * @throws {@link GrantRefusedError} when the access token is not accepted.
   * @throws {@link LoginRequiredError} when the client no longer has the session's provider.
   * @throws {@link UnavailableError} when the provider cannot be reached.
   * @see OIDC Core §5.3
   */
  userinfo(session: LoginSession): Promise<UserInfo>;
  /**
   * Verifies a logout token that a provider sent to the application. Does not remember its `jti`: ending a session twice
   * does no harm.
   * @throws {@link InvalidResponseError} with the check that failed.
   * @throws {@link UnavailableError} when the provider's keys cannot be fetched.
   * @see OIDC Back-Channel Logout 1.0 §2.6
   */
  logoutToken(token: string): Promise<LogoutToken>;
}
