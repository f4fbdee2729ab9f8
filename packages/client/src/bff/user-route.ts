import { UnavailableError } from '@crossfade/core';
import { GrantRefusedError, InvalidResponseError, LoginRequiredError } from '../provider/errors.ts';
import { type BffContext, type BffRoute, SESSION_COOKIE } from './bff-context.ts';
import { bffUser } from './bff-user.ts';
import { json, problem } from './http/responses.ts';

/** `GET <prefix>/user`: who is logged in. */
export function createUserRoute({ settings, login, sessions, cookies }: BffContext): BffRoute {
  const { prefix, claims, hasUserinfo } = settings;

  /** An API's access token may be none of the userinfo endpoint: then the claims of the ID token are what there is. */
  async function userinfo(cookie: string): Promise<Readonly<Record<string, unknown>>> {
    try {
      const session = await sessions.fresh(cookie);
      return session === undefined ? {} : await login.userinfo(session);
    } catch (error) {
      if (error instanceof UnavailableError || error instanceof GrantRefusedError) return {};
      if (error instanceof LoginRequiredError) return {};
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

/** 401, with the path that starts a login. */
export function loginRequired(prefix: string): Response {
  return problem(401, {
    code: 'login_required',
    title: 'There is no session: log in',
    members: { login: `${prefix}/login` },
  });
}
