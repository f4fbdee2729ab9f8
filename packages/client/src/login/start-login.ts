import { createHash } from 'node:crypto';
import type { RequestParameters } from '@crossfade/core';
import { parameterEntries } from '@crossfade/selector';
import {
  buildAuthorizationUrl,
  type Configuration,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client';
import { selectedSides } from '../tokens/selected-sides.ts';
import type { ChosenSide } from '../tokens/side-chooser.ts';
import type { LoginRequest, PendingLogin } from './browser-login.ts';

/** Builds the authorization request for a chosen side, and the state to check its callback against. */
export function startLogin(
  configuration: Configuration,
  { issuer, redirectUri }: { readonly issuer: string; readonly redirectUri: string },
  { selection, asked, askedSides, reason, revision }: ChosenSide,
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
  for (const [name, value] of Object.entries({ ...userParameters(request), ...checks })) query.set(name, value);
  const url = buildAuthorizationUrl(configuration, query);
  const { key, side: forced } = request;
  const pending = {
    issuer,
    selection: {
      side: asked,
      ...(askedSides !== undefined && { sides: askedSides }),
      reason,
      revision,
      ...(key !== undefined && { key }),
      ...(forced !== undefined && { forced }),
    },
    asked: selectedSides(selection),
    request,
    parameters,
    state,
    ...nonce,
    codeVerifier,
  };
  return { url, pending };
}

function userParameters({ prompt, loginHint, maxAge, acrValues, parameters = {} }: LoginRequest) {
  return {
    ...parameters,
    ...(prompt !== undefined && { prompt }),
    ...(loginHint !== undefined && { login_hint: loginHint }),
    ...(maxAge !== undefined && { max_age: String(maxAge) }),
    ...(acrValues !== undefined && { acr_values: acrValues }),
  };
}

/** Without `openid` the provider issues no ID token, so there is no nonce to check (OIDC Core §3.1.2.1). */
function asksForIdToken(parameters: RequestParameters): boolean {
  return parameters.scope?.split(' ').includes('openid') ?? false;
}
