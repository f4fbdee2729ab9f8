import { GrantRefusedError, InvalidResponseError } from '../provider/errors.ts';
import type { BffContext, BffRoute } from './bff-context.ts';
import { limitedText } from './http/limited-text.ts';

const MAX_FORM_BYTES = 32 * 1024;
const FORM = /^application\/x-www-form-urlencoded\b/i;
const NO_STORE = { 'cache-control': 'no-store' };

/**
 * `POST <prefix>/backchannel-logout`: the provider says that a user or one of its sessions is logged out. Needs no cookie; the
 * signature of the logout token proves who asks. While the store or the provider's keys cannot be reached, 503 lets the
 * provider try again.
 * @see OIDC Back-Channel Logout 1.0 §2.5, §2.8
 */
export function createBackChannelLogoutRoute({ login, sessions, onEvent }: BffContext): BffRoute {
  return async (request) => {
    const token = await logoutToken(request);
    if (token === undefined) return invalidRequest('must be a form with one logout_token');
    try {
      await sessions.endWhere(await login.logoutToken(token));
    } catch (error) {
      if (!(error instanceof InvalidResponseError) && !(error instanceof GrantRefusedError)) throw error;
      const check = error instanceof InvalidResponseError ? error.check : 'response';
      onEvent({ type: 'request_refused', check: 'logout_token' });
      return invalidRequest(`the logout_token failed a check: ${check}`);
    }
    return new Response(null, { status: 200, headers: NO_STORE });
  };
}

async function logoutToken(request: Request): Promise<string | undefined> {
  if (!FORM.test(request.headers.get('content-type') ?? '')) return undefined;
  const form = new URLSearchParams(await limitedText(request, MAX_FORM_BYTES));
  const tokens = form.getAll('logout_token');
  return tokens.length === 1 && tokens[0] !== '' ? tokens[0] : undefined;
}

function invalidRequest(description: string): Response {
  return new Response(JSON.stringify({ error: 'invalid_request', error_description: description }), {
    status: 400,
    headers: { ...NO_STORE, 'content-type': 'application/json' },
  });
}
