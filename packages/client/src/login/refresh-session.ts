import { type AcceptanceSwitch, type Clock, type RefreshOutcome, UnavailableError } from '@crossfade/core';
import type { Selector } from '@crossfade/selector';
import type { OnClientEvent } from '../events/client-event.ts';
import { GrantRefusedError, InvalidResponseError, LoginRequiredError } from '../provider/errors.ts';
import type { Provider, Providers } from '../provider/provider.ts';
import { isProvenOther } from '../tokens/issued-sides.ts';
import { mintEvent, selectionEvent } from '../tokens/side-events.ts';
import { isSideRefusal } from '../tokens/side-refusal.ts';
import type { LoginSession } from './browser-login.ts';
import { planRefresh, type RefreshAttempt, type RefreshPlan } from './refresh-attempts.ts';
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

/** The provider wants to see the user, which is no reason to forget who it is. @see OIDC Core §3.1.2.6 */
const INTERACTIONS: readonly string[] = ['interaction_required', 'consent_required', 'login_required'];

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
    const { outcome, thrown = error } = failureOf(error, session, plan);
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
    known.stoppedAt = revision;
  });
  const isGranted = attempt === best && !isProvenOther(attempt.asked, refreshed.token);
  const { side: asked, sides: askedSides } = chosen;
  onEvent(mintEvent('refresh', { asked, revision, ...(askedSides && { askedSides }) }, refreshed.token));
  onEvent({ type: 'refresh', outcome: !moves ? 'refreshed' : isGranted ? 'moved' : 'not_granted' });
  return isGranted ? refreshed : { ...refreshed, moveRefusedAt: revision };
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

function isInvalidGrant(error: unknown): boolean {
  return error instanceof GrantRefusedError && error.error === 'invalid_grant';
}

/**
 * Whether another attempt may be granted. What refuses a move does not refuse the session: providers have many codes for it, Entra
 * even `invalid_grant` where the user has not consented.
 */
function mayAskOtherwise(refusal: GrantRefusedError, isMove: boolean): boolean {
  return isMove ? refusal.error !== 'invalid_client' : isSideRefusal(refusal);
}

/** What became of a refresh that failed, and what its caller gets instead of the error. */
function failureOf(
  error: unknown,
  { isRotated }: LoginSession,
  { moves, attempts }: RefreshPlan,
): { readonly outcome: RefreshOutcome; readonly thrown?: LoginRequiredError } {
  if (error instanceof UnavailableError) return { outcome: 'unavailable' };
  if (error instanceof LoginRequiredError) return { outcome: 'login_required' };
  if (error instanceof InvalidResponseError && (error.check === 'sub' || error.check === 'iss')) {
    const thrown = new LoginRequiredError('the refresh was for another user', { endsSession: true });
    return { outcome: 'identity_changed', thrown };
  }
  if (!(error instanceof GrantRefusedError)) return { outcome: 'refused' };
  if (INTERACTIONS.includes(error.error)) {
    return { outcome: 'login_required', thrown: new LoginRequiredError('the provider asks for the user') };
  }
  // Only legacy is left for the session, which is closed. A login asks for target.
  if (!isInvalidGrant(error) && moves && attempts.length === 1 && mayAskOtherwise(error, moves)) {
    return {
      outcome: 'login_required',
      thrown: new LoginRequiredError('legacy is closed, and a refresh cannot move the session'),
    };
  }
  if (error.error !== 'invalid_grant') return { outcome: 'refused' };
  const thrown = new LoginRequiredError('the refresh token is spent, revoked or expired', { endsSession: true });
  return { outcome: isRotated === true ? 'reused' : 'login_required', thrown };
}
