import { decodeJwt } from 'jose';
import type { LoginSession } from '../login/browser-login.ts';
import type { BffUser } from './bff.ts';

/** The user of a session. @param more claims of the userinfo endpoint, which come before those of the ID token. */
export function bffUser(
  session: LoginSession,
  names: readonly string[],
  more: Readonly<Record<string, unknown>> = {},
): BffUser {
  const claims: Readonly<Record<string, unknown>> = { ...idTokenClaims(session), ...more };
  const listed = names.filter((name) => Object.hasOwn(claims, name)).map((name) => [name, claims[name]]);
  return { subject: session.subject, claims: Object.fromEntries(listed), side: session.token.side };
}

/** The claims of an ID token that was verified when it came. None of one that is encrypted. */
function idTokenClaims({ idToken }: LoginSession): Readonly<Record<string, unknown>> {
  try {
    return idToken === undefined ? {} : decodeJwt(idToken);
  } catch {
    return {};
  }
}
