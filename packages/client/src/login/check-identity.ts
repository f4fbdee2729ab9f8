import { decodeJwt, type JWTPayload } from 'jose';
import type { TokenEndpointResponse, TokenEndpointResponseHelpers } from 'openid-client';
import { InvalidResponseError } from '../provider/errors.ts';
import { LEFT_OUT_ID_TOKEN } from '../provider/token-response-body.ts';
import type { LoginSession } from './browser-login.ts';

const WHAT = 'the refresh';

/**
 * Compares the ID token of a refresh with the session that it renews. Its `iss` and `aud` are checked as those of every ID token. Of one
 * that is left out, because it is not valid now, this alone is checked: whose it is.
 * @throws {@link InvalidResponseError} when it is another user's, or has a nonce that is not the login's.
 * @see OIDC Core §12.2
 */
export function checkIdentity(
  { subject, idToken }: LoginSession,
  response: TokenEndpointResponse & TokenEndpointResponseHelpers,
): void {
  const claims = response.claims();
  const leftOut = decoded(response[LEFT_OUT_ID_TOKEN]);
  const login = decoded(idToken);
  if (differ(claims?.sub ?? leftOut?.sub, subject)) throw new InvalidResponseError(WHAT, 'sub');
  if (differ(leftOut?.iss, login?.iss)) throw new InvalidResponseError(WHAT, 'iss');
  if (differ(claims?.nonce, login?.['nonce'])) throw new InvalidResponseError(WHAT, 'nonce');
}

/** Whether both are known, and are not the same. */
function differ(one: unknown, other: unknown): boolean {
  return one !== undefined && other !== undefined && one !== other;
}

/** `undefined` for what is no JWT. */
function decoded(token: unknown): JWTPayload | undefined {
  try {
    return typeof token === 'string' ? decodeJwt(token) : undefined;
  } catch {
    return undefined;
  }
}
