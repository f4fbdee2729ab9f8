import type { LoginSession } from '../../login/browser-login.ts';
import { createDpopNonces, importDpopKey } from '../../provider/dpop.ts';
import { LoginRequiredError } from '../../provider/errors.ts';
import type { Sessions } from '../../session/sessions.ts';
import { fetchWithToken } from '../../tokens/fetch-with-token.ts';
import { isStream } from '../../tokens/is-stream.ts';

/** Calls an API with the token of a session. */
export type ApiFetch = (
  cookie: string | undefined,
  input: string | URL,
  init: RequestInit,
  send: typeof fetch,
) => Promise<Response>;

/**
 * Creates the function that calls APIs as the user of a session: with their token, and once more with another one if the
 * response is 401. A body that is a stream is sent once; the other token is then for the next request. A 401 that stays is
 * returned as it is.
 */
export function createApiFetch(sessions: Pick<Sessions, 'fresh'>): ApiFetch {
  const nonces = createDpopNonces();
  return async (cookie, input, init, send) => {
    let refused: string | undefined;
    const token = async (not?: string) => {
      const session = cookie === undefined ? undefined : await sessions.fresh(cookie, { not });
      if (session === undefined) throw new LoginRequiredError('there is no session');
      refused = session.token.accessToken;
      return presentable(session);
    };
    const response = await fetchWithToken({ token, send, nonces }, input, init);
    if (response.status === 401 && isStream(init.body)) token(refused).catch(() => {});
    return response;
  };
}

async function presentable({ token, dpopKey }: LoginSession) {
  return { accessToken: token.accessToken, ...(dpopKey !== undefined && { dpopKey: await importDpopKey(dpopKey) }) };
}
