import { type RefreshOutcome, UnavailableError } from '@crossfade/core';
import { GrantRefusedError, InvalidResponseError, LoginRequiredError } from '../provider/errors.ts';
import { isSideRefusal } from '../tokens/side-refusal.ts';
import type { LoginSession } from './browser-login.ts';
import type { RefreshPlan } from './refresh-attempts.ts';

/** The provider wants to see the user, which is no reason to forget who it is. @see OIDC Core §3.1.2.6 */
const INTERACTIONS: readonly string[] = ['interaction_required', 'consent_required', 'login_required'];

export function isInvalidGrant(error: unknown): boolean {
  return error instanceof GrantRefusedError && error.error === 'invalid_grant';
}

/**
 * Whether another attempt may be granted. What refuses a move does not refuse the session: providers have many codes for it, Entra
 * even `invalid_grant` where the user has not consented.
 */
export function mayAskOtherwise(refusal: GrantRefusedError, isMove: boolean): boolean {
  return isMove ? refusal.error !== 'invalid_client' : isSideRefusal(refusal);
}

/** What became of a refresh that failed, and what its caller gets instead of the error. */
export function refreshFailure(
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
