import { type Clock, UnavailableError } from '@crossfade/core';
import { parameterEntries, type Selector } from '@crossfade/selector';
import { refreshTokenGrant } from 'openid-client';
import type { OnClientEvent } from '../events/client-event.ts';
import { GrantRefusedError, LoginRequiredError } from '../provider/errors.ts';
import type { Provider } from '../provider/provider.ts';
import { isSideRefusal } from '../tokens/side-refusal.ts';
import type { LoginSession } from './browser-login.ts';
import { loginSession } from './login-session.ts';
import { planRefresh, type RefreshAttempt } from './refresh-attempts.ts';

/** What a refresh needs in addition to the session. */
export interface RefreshContext {
  readonly provider: Provider;
  readonly selector: Selector;
  readonly now: Clock;
  readonly onEvent: OnClientEvent;
}

/** A session that can be refreshed. */
export type RefreshableLogin = LoginSession & { readonly refreshToken: string };

/**
 * Gets a new access token for a session.
 * @throws {@link LoginRequiredError} when its refresh token is spent, revoked or expired.
 */
export async function refreshSession(session: RefreshableLogin, context: RefreshContext): Promise<LoginSession> {
  const { provider, selector, onEvent } = context;
  const { attempts, moves, revision } = planRefresh(session, provider.clientId, selector);
  let refusal: unknown;
  for (const attempt of attempts) {
    try {
      const refreshed = await refreshAs(attempt, session, revision, context);
      const isRefused = moves && attempt !== attempts[0];
      onEvent({ type: 'refresh', outcome: isRefused ? 'not_granted' : moves ? 'moved' : 'refreshed' });
      return isRefused ? { ...refreshed, moveRefusedAt: revision } : refreshed;
    } catch (error) {
      if (!(error instanceof GrantRefusedError) || !isSideRefusal(error)) throw reported(error, onEvent);
      refusal = error;
    }
  }
  throw reported(refusal, onEvent);
}

function reported(error: unknown, onEvent: OnClientEvent): unknown {
  if (error instanceof LoginRequiredError) onEvent({ type: 'refresh', outcome: 'login_required' });
  else if (error instanceof UnavailableError) onEvent({ type: 'refresh', outcome: 'unavailable' });
  else onEvent({ type: 'refresh', outcome: 'refused' });
  return error;
}

async function refreshAs(
  { asked, parameters }: RefreshAttempt,
  session: RefreshableLogin,
  revision: string | null,
  { provider, selector, now }: RefreshContext,
): Promise<LoginSession> {
  const request = { asked, scope: parameters.scope ?? session.token.scope, revision, atMs: now() };
  try {
    const response = await provider.request('the refresh', (configuration) =>
      refreshTokenGrant(configuration, session.refreshToken, new URLSearchParams(parameterEntries(parameters))),
    );
    const isRotated = response.refresh_token !== undefined && response.refresh_token !== session.refreshToken;
    return loginSession(response, request, { ...session, ...(isRotated && { isRotated }) }, selector);
  } catch (error) {
    if (!(error instanceof GrantRefusedError) || error.error !== 'invalid_grant') throw error;
    throw new LoginRequiredError('the refresh token is spent, revoked or expired', { endsSession: true });
  }
}
