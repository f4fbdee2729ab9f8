import { createHash } from 'node:crypto';
import type { RequestParameters, Selection } from '@crossfade/core';
import { parameterEntries } from '@crossfade/selector';
import {
  buildAuthorizationUrl,
  type Configuration,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client';
import type { LoginRequest, PendingLogin } from './browser-login.ts';
import { selectedSides } from './selected-sides.ts';

/** Builds the authorization request for a selection, and the state to check its callback against. */
export function startLogin(
  provider: Configuration,
  redirectUri: string,
  selection: Selection,
  request: LoginRequest,
): { readonly url: URL; readonly pending: PendingLogin } {
  const { parameters } = selection;
  const codeVerifier = randomPKCECodeVerifier();
  const state = randomState();
  const nonce = asksForIdToken(parameters) ? { nonce: randomNonce() } : {};
  const checks = {
    redirect_uri: redirectUri,
    state,
    ...nonce,
    code_challenge: createHash('sha256').update(codeVerifier).digest('base64url'),
    code_challenge_method: 'S256',
  };
  const query = new URLSearchParams(parameterEntries(parameters));
  for (const [name, value] of Object.entries(checks)) query.set(name, value);
  const url = buildAuthorizationUrl(provider, query);
  const pending = {
    ...selectedSides(selection),
    ...(request.key !== undefined && { key: request.key }),
    ...(request.side !== undefined && { forced: request.side }),
    parameters,
    state,
    ...nonce,
    codeVerifier,
  };
  return { url, pending };
}

/** Without `openid` the provider issues no ID token, so there is no nonce to check (OIDC Core §3.1.2.1). */
function asksForIdToken(parameters: RequestParameters): boolean {
  return parameters.scope?.split(' ').includes('openid') ?? false;
}
