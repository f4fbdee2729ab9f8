import type { RequestParameters, Selection, Side } from '@crossfade/core';
import type { Selector } from '@crossfade/selector';
import { flagRevision } from '../tokens/flag-revision.ts';
import { haveEqualSides, requestSides, type SelectedSides, selectedSides, wholeOf } from '../tokens/selected-sides.ts';
import type { LoginSession, SessionToken } from './browser-login.ts';

/** One way to ask for a new access token. */
export interface RefreshAttempt {
  readonly asked: SelectedSides;
  readonly parameters: RequestParameters;
}

/** The ways to refresh a session, and what they follow. */
export interface RefreshPlan {
  /**
   * Best first. The next one is tried when the provider responds that the scope or resource was never granted. None for a session
   * that only legacy remains for, once that is closed.
   */
  readonly attempts: readonly RefreshAttempt[];
  /** Whether the first one moves the session to the other side. */
  readonly moves: boolean;
  /** What the selector selects for the user now. */
  readonly selected: Selection;
  /** The revision of the flag, whatever the session is forced to. */
  readonly revision: string | null;
  /** What it selects for the session: the other side only if a refresh can move it. */
  readonly chosen: SelectedSides;
}

/** What a plan depends on, besides the session and the flag. */
export interface RefreshSetting {
  readonly clientId: string;
  /** Whether both sides are asked at one provider as one client: a refresh token is for its own alone. */
  readonly canMove: boolean;
  /** Whether the API accepts target only. */
  readonly isLegacyClosed: boolean;
  /** The revision at which no session is moved; `undefined`: there is none. */
  readonly movesStoppedAt?: string | null | undefined;
}

/** Plans the refresh of a session. A session that cannot be moved stays on its side. */
export function planRefresh(session: LoginSession, selector: Selector, setting: RefreshSetting): RefreshPlan {
  const { clientId, canMove, isLegacyClosed, movesStoppedAt } = setting;
  const { selection, token } = session;
  const { key, forced, side, sides } = selection;
  const own = ownSides(token);
  const selected = selector.select({ key, clientId, side: forced });
  const refresh = selector.selectForRefresh({ key, clientId, forced, side: own.side, sides: own.sides });
  const login: SelectedSides = { side, ...(sides !== undefined && { sides }) };
  const isMovable = canMove && refresh.action === 'retarget' && canAskFor(selectedSides(refresh), login, selector);
  const chosen = isMovable ? selectedSides(refresh) : own;
  const revision = flagRevision(selector);
  // Undefined is no revision: that of a switch that cannot be read is null.
  const wasRefused = [session.moveRefusedAt, movesStoppedAt].includes(revision);
  const best = wasRefused ? own : chosen;
  const ways = (canMove ? [best, own, login] : [own])
    .filter((way, index, all) => all.findIndex((earlier) => haveEqualSides(earlier, way)) === index)
    .filter((way) => way.side === 'target' || !isLegacyClosed);
  return {
    attempts: ways.map((asked) => ({ asked, parameters: refreshParameters(asked, login, selector) })),
    moves: !haveEqualSides(best, own),
    selected,
    revision,
    chosen,
  };
}

/**
 * Whether a refresh can ask for other sides than its login did. Without a `resource` or `audience` it is for that of the login, and
 * with the scope of the other side its token would have none (RFC 8707 §2.2).
 */
function canAskFor(asked: SelectedSides, login: SelectedSides, selector: Selector): boolean {
  const parametersOf = (sides: SelectedSides) => selector.select(requestSides(sides, selector)).parameters;
  const [wanted, granted] = [parametersOf(asked), parametersOf(login)];
  return granted.resource === undefined
    ? granted.audience === undefined || wanted.audience !== undefined
    : wanted.resource !== undefined;
}

/** The side that a session is on: what its token shows, else what was asked for. */
export function ownSides({ asked, side, sides }: SessionToken): SelectedSides {
  if (sides === undefined || asked.sides === undefined) return { side: side === 'unknown' ? asked.side : side };
  return wholeOf(
    Object.fromEntries(
      Object.entries(asked.sides).map(([salt, askedSide]): [string, Side] => {
        const minted = sides[salt] ?? 'unknown';
        return [salt, minted === 'unknown' ? askedSide : minted];
      }),
    ),
  );
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
