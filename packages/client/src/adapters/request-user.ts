import type { Bff, BffUser } from '../bff/bff.ts';

/** What a handler of the application can do as the user of its request. */
export interface CrossfadeRequest {
  /** The user; `undefined` without a session. */
  user(): Promise<BffUser | undefined>;
  /**
   * An access token, valid now.
   * @param options.not a token that the API refused with 401: another one is returned.
   * @throws {@link LoginRequiredError} without a session, or when only a login gives a token.
   * @throws {@link UnavailableError} when there is no valid token and none can be had now.
   */
  token(options?: { readonly not?: string }): Promise<string>;
  /**
   * Calls an API: `fetch` with the user's token, once more with a new one after a 401 (not with a streamed body).
   * @throws as `token`.
   */
  fetch(input: string | URL, init?: RequestInit): Promise<Response>;
}

/** @param request returns the headers of the request; called once, when one of the functions is. */
export function requestUser(bff: Bff, request: () => Request): CrossfadeRequest {
  let converted: Request | undefined;
  const once = () => {
    converted ??= request();
    return converted;
  };
  return {
    user: () => bff.user(once()),
    token: (options) => bff.token(once(), options),
    fetch: (input, init) => bff.fetch(once(), input, init),
  };
}
