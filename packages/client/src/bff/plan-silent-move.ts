import type { Selector } from '@crossfade/selector';
import type { LoginSession } from '../login/browser-login.ts';
import { ownSides } from '../login/refresh-attempts.ts';
import { flagRevision } from '../tokens/flag-revision.ts';
import { type SelectedSides, selectedSides } from '../tokens/selected-sides.ts';

/** A session that a login would move to target. */
export interface SilentMove {
  readonly from: SelectedSides;
  readonly revision: string | null;
}

export interface SilentMoveContext {
  readonly selector: Selector;
  /** The issuer that is asked for target. */
  readonly targetIssuer: string;
  /** The client id that logins select by: the one of legacy. */
  readonly clientId: string;
}

/**
 * Returns the move of a session that only a login can move: by a fresh position, forward for at least one migration and
 * back for none. A rollback moves no session: it stays on its side and drains.
 */
export function planSilentMove(session: LoginSession, context: SilentMoveContext): SilentMove | undefined {
  const { selector, targetIssuer, clientId } = context;
  const { key, forced } = session.selection;
  const selected = selector.select({ key, clientId, side: forced });
  const from = ownSides(session.token);
  if (selected.stale || selected.reason === 'default' || !isForward(from, selectedSides(selected))) return undefined;
  const revision = flagRevision(selector);
  const { action } = selector.selectForRefresh({ key, clientId, forced, side: from.side, sides: from.sides });
  const changesIssuer = selected.side === 'target' && session.issuer !== targetIssuer;
  const cannotRefresh = session.refreshToken === undefined || session.moveRefusedAt === revision;
  const needsLogin = action === 'reauthenticate' || changesIssuer || (action === 'retarget' && cannotRefresh);
  return needsLogin ? { from, revision } : undefined;
}

/** Whether a session would be on target for more migrations than it is, and for none back on legacy. */
export function isForward(from: SelectedSides, to: SelectedSides): boolean {
  if (from.sides === undefined || to.sides === undefined) return from.side === 'legacy' && to.side === 'target';
  const moves = Object.entries(to.sides).map(([salt, side]) => [from.sides?.[salt] ?? 'legacy', side]);
  const isBack = moves.some(([own, wanted]) => own === 'target' && wanted === 'legacy');
  return !isBack && moves.some(([own, wanted]) => own === 'legacy' && wanted === 'target');
}
