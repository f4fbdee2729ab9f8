import { createHash } from 'node:crypto';
import { decodeJwt } from 'jose';
import { GrantRefusedError, InvalidResponseError } from '../provider/errors.ts';
import type { BffContext, BffRoute } from './bff-context.ts';
import { limitedText } from './http/limited-text.ts';

const MAX_FORM_BYTES = 32 * 1024;
const FORM = /^application\/x-www-form-urlencoded\b/i;
const NO_STORE = { 'cache-control': 'no-store' };
/** How much longer a token is remembered than it is valid; and how long one without `exp` is, which is accepted for 10 minutes. */
const MEMORY_SECONDS = 900;
const LONGEST_MEMORY_SECONDS = 86_400;

/**
 * `POST <prefix>/backchannel-logout`: the provider says that a user or one of its sessions is logged out. Needs no cookie; the
 * signature of the logout token proves who asks. A token that comes again ends nothing: the user may have logged in since. While
 * the store or the provider's keys cannot be reached, 503 lets the provider try again.
 * @see OIDC Back-Channel Logout 1.0 §2.5, §2.8
 */
export function createBackChannelLogoutRoute({ settings, login, sessions, onEvent, now }: BffContext): BffRoute {
  const { store } = settings;

  async function endOnce(token: string): Promise<void> {
    const ended = await login.logoutToken(token);
    const key = memoryKey(token);
    if ((await store.get(key)) !== undefined) return;
    await sessions.endWhere(ended);
    await store.create(key, { sealed: 'used', version: 'logout' }, memoryMs(token, now()));
  }

  return async (request) => {
    const token = await logoutToken(request);
    if (token === undefined) return invalidRequest('must be a form with one logout_token');
    try {
      await endOnce(token);
    } catch (error) {
      if (!(error instanceof InvalidResponseError) && !(error instanceof GrantRefusedError)) throw error;
      const check = error instanceof InvalidResponseError ? error.check : 'response';
      onEvent({ type: 'request_refused', check: 'logout_token' });
      return invalidRequest(`the logout_token failed a check: ${check}`);
    }
    return new Response(null, { status: 200, headers: NO_STORE });
  };
}

/** Of what is signed of a token: the text of its signature could be changed. */
function memoryKey(token: string): string {
  const signed = token.slice(0, token.lastIndexOf('.'));
  return createHash('sha256').update(`logout ${signed}`).digest('base64url');
}

function memoryMs(token: string, nowMs: number): number {
  const leftSeconds = (decodeJwt(token).exp ?? 0) - nowMs / 1000;
  return Math.min(Math.max(leftSeconds, 0) + MEMORY_SECONDS, LONGEST_MEMORY_SECONDS) * 1000;
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
