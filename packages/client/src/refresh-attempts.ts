import type { RequestParameters } from '@crossfade/core';
import type { Selector } from '@crossfade/selector';
import type { LoginSession } from './browser-login.ts';
import { LoginRequiredError } from './errors.ts';
import { haveEqualSides, requestSides, type SelectedSides, selectedSides } from './selected-sides.ts';

/** One way to ask for a new access token. */
export interface RefreshAttempt extends SelectedSides {
  readonly parameters: RequestParameters;
}

/**
 * Lists the ways to refresh a session, best first. The next one is tried when the provider responds that the requested
 * scope or resource was never granted, so a session that cannot be moved stays on its side.
 * @throws {@link LoginRequiredError} when the selector sends the user through a login.
 */
export function refreshAttempts(session: LoginSession, clientId: string, selector: Selector): RefreshAttempt[] {
  const { key, side, sides, forced, loginSide, loginSides } = session;
  const selected = selector.selectForRefresh({ key, clientId, side, sides, forced });
  if (selected.action === 'reauthenticate') throw new LoginRequiredError('a login now asks for the other side');
  const own: SelectedSides = { side, ...(sides !== undefined && { sides }) };
  const login: SelectedSides = { side: loginSide, ...(loginSides !== undefined && { sides: loginSides }) };
  const ways = [selectedSides(selected), own, login].filter(
    (way, index, all) => all.findIndex((earlier) => haveEqualSides(earlier, way)) === index,
  );
  return ways.map((asked) => ({ ...asked, parameters: refreshParameters(asked, login, selector) }));
}

/**
 * On the side of its login a session sends no scope, which means the granted one (RFC 6749 §6): sending it would fail if
 * less was granted than requested, as with `offline_access`. Entra is the exception: its refresh tokens belong to no API,
 * and it does not document which API a refresh without a scope is for.
 */
function refreshParameters(asked: SelectedSides, login: SelectedSides, selector: Selector): RequestParameters {
  const { scope, ...others } = selector.select(requestSides(asked, selector)).parameters;
  const isImplied = haveEqualSides(asked, login) && selector.dialect !== 'entra';
  return isImplied || scope === undefined ? others : { ...others, scope };
}
