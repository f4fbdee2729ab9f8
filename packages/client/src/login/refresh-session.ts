import type { AcceptanceSwitch, Clock } from '@crossfade/core';
import type { Selector } from '@crossfade/selector';
import type { OnClientEvent } from '../events/client-event.ts';
import { GrantRefusedError, LoginRequiredError } from '../provider/errors.ts';
import type { Provider, Providers } from '../provider/provider.ts';
import { isProvenOther } from '../tokens/issued-sides.ts';
import { mintEvent, selectionEvent } from '../tokens/side-events.ts';
import type { LoginSession } from './browser-login.ts';
import { planRefresh, type RefreshAttempt, type RefreshPlan } from './refresh-attempts.ts';
import { isInvalidGrant, mayAskOtherwise, refreshFailure } from './refresh-failure.ts';
import { requestRefresh } from './request-refresh.ts';

/** What a refresh needs in addition to the session. */
export interface RefreshContext {
  readonly providers: Providers;
  readonly selector: Selector;
  readonly acceptance: AcceptanceSwitch;
  readonly now: Clock;
  readonly onEvent: OnClientEvent;
  readonly moves: SessionMoves;
}

/** What the refreshes of one client know of each other. */
export interface SessionMoves {
  /**
   * The revision at which the provider refused to move a session, and spent its refresh token: moves would end one session after
   * another, so that none is asked for at this one. `oidc-provider` does so.
   */
  stoppedAt: string | null | undefined;
}

/** A session that can be refreshed. */
export type RefreshableLogin = LoginSession & { readonly refreshToken: string };

/**
 * Gets a new access token for a session, from its own provider.
 * @throws {@link LoginRequiredError} when only a login gives a token.
 * @throws {@link GrantRefusedError} when the provider refuses the client.
 * @throws {@link InvalidResponseError} with the check that failed.
 * @throws {@link UnavailableError} when the provider cannot be reached.
 */
export async function refreshSession(
  session: RefreshableLogin,
  provider: Provider,
  context: RefreshContext,
): Promise<LoginSession> {
  const { providers, selector, acceptance, onEvent } = context;
  const plan = planRefresh(session, selector, {
    clientId: providers.of('legacy').clientId,
    canMove: providers.all.length === 1,
    isLegacyClosed: acceptance() === 'target',
    movesStoppedAt: context.moves.stoppedAt,
  });
  onEvent(selectionEvent('refresh', plan.selected));
  try {
    return await refreshAsPlanned(session, plan, provider, context);
  } catch (error) {
    const { outcome, thrown = error } = refreshFailure(error, session, plan);
    if (outcome === 'reused') onEvent({ type: 'refresh_reuse' });
    onEvent({ type: 'refresh', outcome });
    throw thrown;
  }
}

async function refreshAsPlanned(
  session: RefreshableLogin,
  plan: RefreshPlan,
  provider: Provider,
  { providers, selector, now, onEvent, moves: known }: RefreshContext,
): Promise<LoginSession> {
  const { attempts, moves, chosen, selected } = plan;
  const { revision } = selected;
  const [best, ...others] = attempts;
  if (best === undefined) throw new LoginRequiredError('legacy is closed, and a refresh cannot move the session');
  const isSideOfProvider = providers.all.length > 1;
  const ask = (attempt: RefreshAttempt) =>
    requestRefresh(session, { ...attempt, revision, atMs: now(), isSideOfProvider }, provider, selector);

  const { refreshed, attempt } = await firstGranted(best, others, moves, ask, () => {
    known.stoppedAt = plan.revision;
  });
  const isGranted = attempt === best && !isProvenOther(attempt.asked, refreshed.token);
  const { side: asked, sides: askedSides } = chosen;
  onEvent(mintEvent('refresh', { asked, revision, ...(askedSides && { askedSides }) }, refreshed.token));
  onEvent({ type: 'refresh', outcome: !moves ? 'refreshed' : isGranted ? 'moved' : 'not_granted' });
  return isGranted ? refreshed : { ...refreshed, moveRefusedAt: plan.revision };
}

/** Sends the attempts one after another until one is granted. */
async function firstGranted(
  attempt: RefreshAttempt,
  others: readonly RefreshAttempt[],
  moves: boolean,
  ask: (attempt: RefreshAttempt) => Promise<LoginSession>,
  onSpent: () => void,
): Promise<{ readonly refreshed: LoginSession; readonly attempt: RefreshAttempt }> {
  try {
    return { refreshed: await ask(attempt), attempt };
  } catch (error) {
    const [next, ...rest] = others;
    if (next === undefined || !(error instanceof GrantRefusedError) || !mayAskOtherwise(error, moves)) throw error;
    return firstGranted(next, rest, false, ask, onSpent).catch((later: unknown) => {
      if (moves && !isInvalidGrant(error) && isInvalidGrant(later)) onSpent();
      throw later;
    });
  }
}
