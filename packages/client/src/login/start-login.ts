import { createHash, type webcrypto } from 'node:crypto';
import { parameterEntries } from '@crossfade/selector';
import { calculateJwkThumbprint } from 'jose';
import {
  buildAuthorizationUrl,
  type Configuration,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client';
import { createDpopKey, exportDpopKey } from '../provider/dpop.ts';
import { selectedSides } from '../tokens/selected-sides.ts';
import type { ChosenSide } from '../tokens/side-chooser.ts';
import type { LoginRequest, PendingLogin } from './browser-login.ts';
import { asksForIdToken, loginParameters } from './login-parameters.ts';

/** Where a login starts, and when. */
export interface LoginStart {
  readonly issuer: string;
  readonly redirectUri: string;
  /** Whether its tokens are bound to a key (RFC 9449). */
  readonly dpop: boolean;
  readonly nowMs: number;
}

/** Builds the authorization request for a chosen side, and the state to check its callback against. */
export async function startLogin(
  configuration: Configuration,
  { issuer, redirectUri, dpop, nowMs }: LoginStart,
  { selection, asked, askedSides, reason, revision }: ChosenSide,
  request: LoginRequest,
): Promise<{ readonly url: URL; readonly pending: PendingLogin }> {
  const { parameters } = selection;
  const codeVerifier = randomPKCECodeVerifier();
  const state = randomState();
  const nonce = asksForIdToken(parameters.scope) ? { nonce: randomNonce() } : {};
  const key = dpop ? await loginKey() : undefined;
  const query = new URLSearchParams(parameterEntries(parameters));
  const others = {
    ...loginParameters(request, parameters.scope),
    redirect_uri: redirectUri,
    state,
    ...nonce,
    code_challenge: createHash('sha256').update(codeVerifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...(key && { dpop_jkt: key.thumbprint }),
  };
  for (const [name, value] of Object.entries(others)) query.set(name, value);
  const { key: selectionKey, side: forced } = request;
  const pending: PendingLogin = {
    issuer,
    selection: {
      side: asked,
      ...(askedSides !== undefined && { sides: askedSides }),
      reason,
      revision,
      ...(selectionKey !== undefined && { key: selectionKey }),
      ...(forced !== undefined && { forced }),
    },
    asked: selectedSides(selection),
    request,
    parameters,
    startedAt: Math.floor(nowMs / 1000),
    state,
    ...nonce,
    codeVerifier,
    ...(key && { dpopKey: key.dpopKey }),
  };
  return { url: buildAuthorizationUrl(configuration, query), pending };
}

/** The key of one session. Its thumbprint binds the code to it, too (RFC 9449 §10). */
async function loginKey(): Promise<{ readonly dpopKey: webcrypto.JsonWebKey; readonly thumbprint: string }> {
  const key = await createDpopKey();
  return {
    dpopKey: await exportDpopKey(key),
    thumbprint: await calculateJwkThumbprint(key.jwk as Parameters<typeof calculateJwkThumbprint>[0]),
  };
}
