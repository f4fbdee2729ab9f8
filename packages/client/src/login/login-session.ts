import type { Selector } from '@crossfade/selector';
import type { TokenEndpointResponse, TokenEndpointResponseHelpers } from 'openid-client';
import { issuedSides } from '../tokens/issued-sides.ts';
import type { SelectedSides } from '../tokens/selected-sides.ts';
import { readTokenResponse } from '../tokens/token-response.ts';
import type { LoginSession } from './browser-login.ts';

/** A token request: what it asked for, when, and at which revision of the flag. */
export interface TokenRequest {
  readonly asked: SelectedSides;
  readonly scope: string | undefined;
  readonly revision: string | null;
  readonly atMs: number;
  /** Whether the provider, or its client, belongs to one side: that proves the side. */
  readonly isSideOfProvider: boolean;
}

/** The members of a session that a token response may not repeat. */
export type PreviousSession = Omit<LoginSession, 'token'>;

/** Creates the session after a token response: members of the response replace those of the previous session. */
export function loginSession(
  response: TokenEndpointResponse & TokenEndpointResponseHelpers,
  request: TokenRequest,
  previous: PreviousSession,
  selector: Selector,
): LoginSession {
  const { accessToken, expiresAt, scope } = readTokenResponse(response, request.atMs);
  const claims = response.claims();
  const { asked } = request;
  return {
    ...previous,
    token: {
      accessToken,
      requestedAt: Math.floor(request.atMs / 1000),
      expiresAt,
      scope: scope ?? request.scope ?? '',
      asked,
      ...(request.isSideOfProvider ? asked : issuedSides(asked, scope, selector)),
      revision: request.revision,
    },
    ...(response.refresh_token !== undefined && { refreshToken: response.refresh_token }),
    ...(response.id_token !== undefined && { idToken: response.id_token }),
    ...(claims !== undefined && { subject: claims.sub }),
    ...(typeof claims?.['sid'] === 'string' && { sid: claims['sid'] }),
  };
}
