import { createHash } from 'node:crypto';
import type { Selection } from '@crossfade/core';
import {
  buildAuthorizationUrl,
  type Configuration,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client';
import type { LoginRequest, PendingLogin } from './browser-login.ts';

/** Builds the authorization request for a selection, and the state to check its callback against. */
export function startLogin(
  provider: Configuration,
  redirectUri: string,
  { side, parameters }: Selection,
  request: LoginRequest,
): { readonly url: URL; readonly pending: PendingLogin } {
  const codeVerifier = randomPKCECodeVerifier();
  const state = randomState();
  const nonce = asksForIdToken(parameters) ? { nonce: randomNonce() } : {};
  const url = buildAuthorizationUrl(provider, {
    ...parameters,
    redirect_uri: redirectUri,
    state,
    ...nonce,
    code_challenge: createHash('sha256').update(codeVerifier).digest('base64url'),
    code_challenge_method: 'S256',
  });
  const pending = {
    side,
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
function asksForIdToken(parameters: Readonly<Record<string, string>>): boolean {
  return parameters['scope']?.split(' ').includes('openid') ?? false;
}
