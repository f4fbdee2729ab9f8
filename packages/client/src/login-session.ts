import type { Side } from '@crossfade/core';
import type { Selector } from '@crossfade/selector';
import type { TokenEndpointResponse, TokenEndpointResponseHelpers } from 'openid-client';
import type { LoginSession } from './browser-login.ts';
import { mintedSide } from './minted-side.ts';
import { readTokenResponse } from './token-response.ts';

/** What a token response does not repeat, and a session keeps. */
type Kept = Pick<LoginSession, 'loginSide' | 'key' | 'forced' | 'refreshToken' | 'idToken' | 'subject'>;

/** What was asked of the provider, and when. */
export interface Asked {
  readonly side: Side;
  readonly parameters: Readonly<Record<string, string>>;
  readonly atMs: number;
}

/** The session after a token response: what is new replaces what was kept. */
export function loginSession(
  response: TokenEndpointResponse & TokenEndpointResponseHelpers,
  asked: Asked,
  kept: Kept,
  selector: Selector,
): LoginSession {
  const { accessToken, expiresAt, scope } = readTokenResponse(response, asked.atMs);
  const refreshToken = response.refresh_token ?? kept.refreshToken;
  const idToken = response.id_token ?? kept.idToken;
  const subject = response.claims()?.sub ?? kept.subject;
  return {
    side: mintedSide(asked.side, scope, selector),
    loginSide: kept.loginSide,
    ...(kept.key !== undefined && { key: kept.key }),
    ...(kept.forced !== undefined && { forced: kept.forced }),
    accessToken,
    ...(refreshToken !== undefined && { refreshToken }),
    ...(idToken !== undefined && { idToken }),
    ...(subject !== undefined && { subject }),
    expiresAt,
    scope: scope ?? asked.parameters['scope'] ?? '',
  };
}
