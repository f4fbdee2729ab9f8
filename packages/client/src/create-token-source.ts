import { type Problem, type Selection, UnavailableError } from '@crossfade/core';
import { mergeSelections, parameterEntries } from '@crossfade/selector';
import { clientCredentialsGrant } from 'openid-client';
import { type CachedToken, cachedToken, extendRetry } from './cached-token.ts';
import { discoverProvider } from './discover-provider.ts';
import { providerError } from './provider-error.ts';
import type { ProviderOptions } from './provider-options.ts';
import { createSingleFlight } from './single-flight.ts';
import { readTokenResponse } from './token-response.ts';

export interface TokenSourceOptions extends ProviderOptions {
  readonly clientSecret: string;
  /** The key of the selector. Default: the client id. */
  readonly key?: string;
}

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
 * Creates the token source of a machine and fetches its provider's metadata.
 * @throws {@link ConfigError} with every problem of the options.
 * @throws {@link UnavailableError} when the provider cannot be reached.
 * @example
 * ```ts
 * const tokens = await createTokenSource({ issuer, clientId, clientSecret, selector });
 * const headers = { authorization: `Bearer ${await tokens.token()}` };
 * ```
 */
export async function createTokenSource(options: TokenSourceOptions): Promise<TokenSource> {
  const { clientId, selector, key = clientId, now = Date.now } = options;
  const provider = await discoverProvider(options, secretProblems(options.clientSecret));
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
    try {
      const response = await clientCredentialsGrant(provider, new URLSearchParams(parameterEntries(parameters)));
      return cachedToken(readTokenResponse(response, requestedAtMs), requestedAtMs);
    } catch (error) {
      throw providerError(error, 'a token');
    }
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

function secretProblems(clientSecret: unknown): Problem[] {
  if (typeof clientSecret === 'string') return [];
  return [{ path: 'clientSecret', message: 'is required: the client credentials grant is for confidential clients' }];
}
