import { type Problem, SIDES } from '@crossfade/core';
import { clientAuthenticationMethod } from '../provider/client-authentication.ts';
import { type ClientOptions, clientProblems } from '../provider/client-options.ts';
import type { ProviderOptions } from '../provider/provider-options.ts';

export type TokenSourceOptions = ClientOptions & {
  /** The key of the selector. Default: the client id, of legacy where each side has its own. */
  readonly key?: string;
  /**
   * Sends the requests of {@link TokenSource.fetch}. For tokens that are bound to a client certificate (RFC 8705 §3) it
   * presents that certificate. Default: the global one.
   */
  readonly apiFetch?: typeof fetch;
  /** Returns 0 to 1 and spreads the requests of a fleet. Default: `Math.random`. */
  readonly random?: () => number;
};

/** Access tokens of a machine (client credentials). Renews a token only when it is asked for one; there are no timers. */
export interface TokenSource {
  /**
   * Returns an access token for the side that the selector selects now. A valid one is returned at once: it is renewed beside,
   * between 60 % and 80 % of its lifetime, by one request for all callers. Where the flag moved, the other side's valid token
   * is returned if the new one takes longer than half a second. If the provider refuses target, legacy is requested until the
   * flag has another revision, unless acceptance is `target`.
   *
   * After a failure no request is sent for the time that the provider asked for (default 5 s, doubling to a minute): callers
   * without a valid token get the same error.
   * @param options.not a token that the API refused with 401: another one is returned. A replacement that is refused within
   * 30 s is returned again, because one more would not help.
   * @throws {@link GrantRefusedError} when the provider refuses.
   * @throws {@link InvalidResponseError} when its response is not a valid token response.
   * @throws {@link UnavailableError} when it cannot be reached.
   */
  token(options?: { readonly not?: string }): Promise<string>;
  /**
   * Calls an API: `fetch` with the token as `Authorization`, and a proof if it is bound to a key (RFC 9449); once more with
   * another token after a 401, unless the body is a stream. A redirect to another origin is followed without the token.
   * @throws as {@link TokenSource.token}, and as `fetch`.
   */
  fetch(input: string | URL, init?: RequestInit): Promise<Response>;
}

/** Lists every problem of the options, without a request. */
export function tokenSourceProblems(options: TokenSourceOptions): Problem[] {
  const problems = clientProblems(options);
  if ('providers' in options) {
    for (const side of SIDES) problems.push(...publicClientProblems(options.providers?.[side], `providers.${side}.`));
  } else {
    problems.push(...publicClientProblems(options, ''));
  }
  if (options.key !== undefined && (typeof options.key !== 'string' || options.key === '')) {
    problems.push({ path: 'key', message: 'must be a text that is not empty: leave it out for the client id' });
  }
  for (const name of ['apiFetch', 'random'] as const) {
    if (options[name] !== undefined && typeof options[name] !== 'function') {
      problems.push({ path: name, message: 'must be a function' });
    }
  }
  return problems;
}

function publicClientProblems(options: ProviderOptions | undefined, prefix: string): Problem[] {
  if (options === undefined || clientAuthenticationMethod(options) !== 'none') return [];
  const message = 'is required: the client credentials grant is for confidential clients (RFC 6749 §4.4)';
  return [{ path: `${prefix}clientSecret`, message: `${message}; or give clientKey, or tls_client_auth` }];
}
