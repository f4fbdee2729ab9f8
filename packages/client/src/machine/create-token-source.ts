import { ConfigError, type Problem, type Selection, UnavailableError } from '@crossfade/core';
import { mergeSelections, parameterEntries } from '@crossfade/selector';
import { clientCredentialsGrant } from 'openid-client';
import { type ClientOptions, clientProblems } from '../provider/client-options.ts';
import { createProviders } from '../provider/create-providers.ts';
import { type CachedToken, cachedToken, extendRetry } from '../tokens/cached-token.ts';
import { createSingleFlight } from '../tokens/single-flight.ts';
import { readTokenResponse } from '../tokens/token-response.ts';

export type TokenSourceOptions = ClientOptions & {
  /** The key of the selector. Default: the client id. */
  readonly key?: string;
};

/** Access tokens of a machine (client credentials). Renews a token only when it is requested; there are no timers. */
export interface TokenSource {
  /**
   * Returns an access token for the side that the selector selects now. It is cached until shortly before it expires, and
   * concurrent calls share one request. While the provider is unavailable, a cached token is used until it expires.
   * @throws {@link GrantRefusedError} when the provider refuses.
   * @throws {@link InvalidResponseError} when its response is not a valid token response.
   * @throws {@link UnavailableError} when it cannot be reached and no valid token is cached.
   */
  token(): Promise<string>;
}

/**
 * Creates the token source of a machine, without a request: the provider's metadata is fetched at the first token.
 * @throws {@link ConfigError} with every problem of the options.
 * @example
 * ```ts
 * const tokens = createTokenSource({ issuer, clientId, clientSecret, selector });
 * const headers = { authorization: `Bearer ${await tokens.token()}` };
 * ```
 */
export function createTokenSource(options: TokenSourceOptions): TokenSource {
  const problems = [...clientProblems(options), ...secretProblems(options)];
  if (problems.length > 0) throw new ConfigError('client', problems);
  const provider = createProviders(options).of('legacy');
  const { clientId } = provider;
  const { selector, key = clientId, now = Date.now } = options;
  const once = createSingleFlight<CachedToken>();
  const cache = new Map<string, CachedToken>();
  let latest: Selection | undefined;

  /** While the switch cannot be read the source stays on its side: an outage of the flag store moves no client. */
  function select(): Selection {
    const selection = selector.select({ key, clientId });
    latest = latest === undefined ? selection : keepUnknown(latest, selection);
    return latest;
  }

  async function requestToken(parameters: Selection['parameters']): Promise<CachedToken> {
    const requestedAtMs = now();
    const response = await provider.request('a token', (configuration) =>
      clientCredentialsGrant(configuration, new URLSearchParams(parameterEntries(parameters))),
    );
    return cachedToken(readTokenResponse(response, requestedAtMs), requestedAtMs);
  }

  /** A cached token that is still valid, of this side or else of the other: the API accepts both until the close. */
  function fallback(name: string): CachedToken | undefined {
    return [cache.get(name), ...cache.values()].find((token) => token !== undefined && now() < token.expiresAtMs);
  }

  async function renew(name: string, parameters: Selection['parameters']): Promise<CachedToken> {
    try {
      return await requestToken(parameters);
    } catch (error) {
      const token = error instanceof UnavailableError ? fallback(name) : undefined;
      if (token === undefined || !(error instanceof UnavailableError)) throw error;
      return extendRetry(token, now(), error.retryAfterSeconds);
    }
  }

  return {
    async token() {
      const { side, parameters } = select();
      const name = JSON.stringify([side, parameters]);
      const cached = cache.get(name);
      if (cached !== undefined && now() < cached.renewAtMs) return cached.accessToken;
      const renewed = await once(name, () => renew(name, parameters));
      cache.set(name, renewed);
      return renewed.accessToken;
    },
  };
}

/** A migration whose switch cannot be read stays as it was; the others of a combination move. */
function keepUnknown(previous: Selection, selection: Selection): Selection {
  if (selection.parts === undefined) return selection.reason === 'default' ? previous : selection;
  const parts = Object.entries(selection.parts).map(([salt, part]): [string, Selection] => {
    return [salt, keepUnknown(previous.parts?.[salt] ?? part, part)];
  });
  return mergeSelections(Object.fromEntries(parts));
}

function secretProblems(options: ClientOptions): Problem[] {
  if ('providers' in options || options.clientSecret !== undefined || options.clientKey !== undefined) return [];
  if (options.clientAuthentication === 'tls_client_auth') return [];
  return [{ path: 'clientSecret', message: 'is required: the client credentials grant is for confidential clients' }];
}
