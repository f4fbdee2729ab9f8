import { decodeJwt } from 'jose';
import type { IDToken } from 'openid-client';
import { InvalidResponseError } from '../provider/errors.ts';
import type { LoginSession } from './browser-login.ts';

const WHAT = 'the refresh';

/**
 * Compares the ID token of a refresh with the session that it renews. Its `iss` and `aud` are checked as those of every ID token.
 * @throws {@link InvalidResponseError} when it is another user's, or has a nonce that is not the login's.
 * @see OIDC Core §12.2
 */
export function checkIdentity({ subject, idToken }: LoginSession, claims: IDToken | undefined): void {
  if (claims === undefined || subject === undefined) return;
  if (claims.sub !== subject) throw new InvalidResponseError(WHAT, 'sub');
  const nonce = idToken === undefined ? undefined : decodeJwt(idToken)['nonce'];
  if (claims.nonce !== undefined && nonce !== undefined && claims.nonce !== nonce) {
    throw new InvalidResponseError(WHAT, 'nonce');
  }
}
