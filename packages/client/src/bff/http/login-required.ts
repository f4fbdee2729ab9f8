import { problem } from './responses.ts';

/** 401, with the path that starts a login. */
export function loginRequired(prefix: string): Response {
  return problem(401, {
    code: 'login_required',
    title: 'There is no session: log in',
    members: { login: `${prefix}/login` },
  });
}
