import type { Side } from '@crossfade/core';
import type { Selector } from '@crossfade/selector';
import type { LoginSession } from './browser-login.ts';
import { LoginRequiredError } from './errors.ts';

/** One way to ask for a new access token. */
export interface RefreshAttempt {
  readonly side: Side;
  readonly parameters: Readonly<Record<string, string>>;
}

/**
 * Lists the ways to refresh a session, best first. The next one is tried when the provider responds that the requested
 * scope or resource was never granted, so a session that cannot be moved stays on its side.
 * @throws {@link LoginRequiredError} when the selector sends the user through a login.
 */
export function refreshAttempts(session: LoginSession, clientId: string, selector: Selector): RefreshAttempt[] {
  const { key, side, forced, loginSide } = session;
  const selected = selector.selectForRefresh({ key, clientId, side, forced });
  if (selected.action === 'reauthenticate') throw new LoginRequiredError('a login now asks for the other side');
  const sides = new Set([selected.side, side, loginSide]);
  return [...sides].map((asked) => ({ side: asked, parameters: refreshParameters(asked, loginSide, selector) }));
}

/**
 * On the side of its login a session sends no scope, which means the granted one (RFC 6749 §6): sending it would fail if
 * less was granted than requested, as with `offline_access`. Entra is the exception: its refresh tokens belong to no API,
 * and it does not document which API a refresh without a scope is for.
 */
function refreshParameters(side: Side, loginSide: Side, selector: Selector): Readonly<Record<string, string>> {
  const { scope, ...others } = selector.select({ side }).parameters;
  const isImplied = side === loginSide && selector.dialect !== 'entra';
  return isImplied || scope === undefined ? others : { ...others, scope };
}
