import type { Side } from '@crossfade/core';
import type { Selector } from '@crossfade/selector';
import type { LoginSession } from './browser-login.ts';
import { LoginRequiredError } from './login-required-error.ts';

/** One way to ask for a new access token. */
export interface RefreshAttempt {
  readonly side: Side;
  readonly parameters: Readonly<Record<string, string>>;
}

/**
 * The ways to refresh a session, best first; the next one is for when the provider says that what the one before asked
 * was never granted. So a session that can't be moved stays where it is.
 * @throws {@link LoginRequiredError} when the selector sends the user through a login.
 */
export function refreshAttempts(session: LoginSession, clientId: string, selector: Selector): RefreshAttempt[] {
  const { key, side, forced, loginSide } = session;
  const selected = selector.selectForRefresh({ key, clientId, side, forced });
  if (selected.action === 'reauthenticate') throw new LoginRequiredError('a login would ask for the other side by now');
  const sides = new Set([selected.side, side, loginSide]);
  return [...sides].map((asked) => ({ side: asked, parameters: refreshParameters(asked, loginSide, selector) }));
}

/**
 * On the side of its login a session asks for no scope, which means what the login was granted (RFC 6749 §6): naming
 * it would fail wherever that was less than the login asked, as `offline_access` often is. Not so at Entra, whose
 * refresh tokens belong to no API: nobody promises which one a refresh without a scope is for.
 */
function refreshParameters(side: Side, loginSide: Side, selector: Selector): Readonly<Record<string, string>> {
  const { scope, ...others } = selector.select({ side }).parameters;
  const isImplied = side === loginSide && selector.dialect !== 'entra';
  return isImplied || scope === undefined ? others : { ...others, scope };
}
