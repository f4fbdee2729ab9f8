import type { RequestParameters } from '@crossfade/core';
import type { Selector } from '@crossfade/selector';
import type { TokenEndpointResponse, TokenEndpointResponseHelpers } from 'openid-client';
import type { LoginSession } from './browser-login.ts';
import { issuedSides } from './issued-sides.ts';
import type { SelectedSides } from './selected-sides.ts';
import { readTokenResponse } from './token-response.ts';

/** The members of a session that a token response may not repeat. */
type Previous = Pick<
  LoginSession,
  'loginSide' | 'loginSides' | 'key' | 'forced' | 'refreshToken' | 'idToken' | 'subject'
>;

/** A token request. */
export interface TokenRequest extends SelectedSides {
  readonly parameters: RequestParameters;
  readonly atMs: number;
}

/** Creates the session after a token response: members of the response replace those of the previous session. */
export function loginSession(
  response: TokenEndpointResponse & TokenEndpointResponseHelpers,
  request: TokenRequest,
  previous: Previous,
  selector: Selector,
): LoginSession {
  const { accessToken, expiresAt, scope } = readTokenResponse(response, request.atMs);
  const refreshToken = response.refresh_token ?? previous.refreshToken;
  const idToken = response.id_token ?? previous.idToken;
  const subject = response.claims()?.sub ?? previous.subject;
  return {
    ...issuedSides(request, scope, selector),
    loginSide: previous.loginSide,
    ...(previous.loginSides !== undefined && { loginSides: previous.loginSides }),
    ...(previous.key !== undefined && { key: previous.key }),
    ...(previous.forced !== undefined && { forced: previous.forced }),
    accessToken,
    ...(refreshToken !== undefined && { refreshToken }),
    ...(idToken !== undefined && { idToken }),
    ...(subject !== undefined && { subject }),
    expiresAt,
    scope: scope ?? request.parameters.scope ?? '',
  };
}
