import type { Clock } from '@crossfade/core';
import { parameterEntries, type Selector } from '@crossfade/selector';
import { type Configuration, refreshTokenGrant } from 'openid-client';
import type { LoginSession } from './browser-login.ts';
import { GrantRefusedError, LoginRequiredError } from './errors.ts';
import { loginSession } from './login-session.ts';
import { providerError } from './provider-error.ts';
import { type RefreshAttempt, refreshAttempts } from './refresh-attempts.ts';

/** What a refresh needs in addition to the session. */
export interface RefreshContext {
  readonly provider: Configuration;
  readonly selector: Selector;
  readonly now: Clock;
}

/** A session that can be refreshed. */
export type RefreshableLogin = LoginSession & { readonly refreshToken: string };

/**
 * Gets a new access token for a session.
 * @throws {@link LoginRequiredError} when its refresh token is spent, revoked or expired.
 */
export async function refreshSession(session: RefreshableLogin, context: RefreshContext): Promise<LoginSession> {
  const { provider, selector } = context;
  const attempts = refreshAttempts(session, provider.clientMetadata().client_id, selector);
  let refusal: unknown;
  for (const attempt of attempts) {
    try {
      return await refreshAs(attempt, session, context);
    } catch (error) {
      if (!isNotGranted(error)) throw error;
      refusal = error;
    }
  }
  throw refusal;
}

async function refreshAs(
  attempt: RefreshAttempt,
  session: RefreshableLogin,
  context: RefreshContext,
): Promise<LoginSession> {
  const { provider, selector, now } = context;
  const atMs = now();
  try {
    const response = await refreshTokenGrant(
      provider,
      session.refreshToken,
      new URLSearchParams(parameterEntries(attempt.parameters)),
    );
    return loginSession(response, { ...attempt, atMs }, session, selector);
  } catch (error) {
    const ours = providerError(error, 'the refresh');
    if (!(ours instanceof GrantRefusedError) || ours.error !== 'invalid_grant') throw ours;
    throw new LoginRequiredError('the refresh token is spent, revoked or expired');
  }
}

/** Whether the provider refused a refresh because it asks for more than was granted (RFC 6749 §5.2, RFC 8707 §2). */
function isNotGranted(error: unknown): boolean {
  return error instanceof GrantRefusedError && ['invalid_scope', 'invalid_target'].includes(error.error);
}
