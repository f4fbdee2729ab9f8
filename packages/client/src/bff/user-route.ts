import { CrossfadeError, UnavailableError } from '@crossfade/core';
import { InvalidResponseError } from '../provider/errors.ts';
import { settleWithin } from '../provider/settle-within.ts';
import { type BffContext, type BffRoute, SESSION_COOKIE } from './bff-context.ts';
import { bffUser } from './bff-user.ts';
import { loginRequired } from './http/login-required.ts';
import { json, problem } from './http/responses.ts';

/** A page waits for the provider at most this long. */
const USERINFO_WAIT_MS = 2000;

/** `GET <prefix>/user`: who is logged in. */
export function createUserRoute({ settings, login, sessions, cookies }: BffContext): BffRoute {
  const { prefix, claims, hasUserinfo } = settings;

  async function requested(cookie: string): Promise<Readonly<Record<string, unknown>>> {
    const session = await sessions.fresh(cookie);
    return session === undefined ? {} : login.userinfo(session);
  }

  /** The endpoint may be down, and an API's access token is not always one of its own: then the ID token is what there is. */
  async function userinfo(cookie: string): Promise<Readonly<Record<string, unknown>>> {
    try {
      return await settleWithin(USERINFO_WAIT_MS, requested(cookie), () => new UnavailableError('userinfo is late'));
    } catch (error) {
      if (error instanceof CrossfadeError && !(error instanceof InvalidResponseError)) return {};
      throw error;
    }
  }

  return async (request) => {
    const cookie = cookies.read(request, SESSION_COOKIE);
    const session = cookie === undefined ? undefined : await sessions.read(cookie);
    if (cookie === undefined || session === undefined) return loginRequired(prefix);
    try {
      return json(bffUser(session, claims, hasUserinfo ? await userinfo(cookie) : {}));
    } catch (error) {
      if (!(error instanceof InvalidResponseError)) throw error;
      return problem(502, { code: error.code, title: 'The provider responded for another user, or not as specified' });
    }
  };
}
