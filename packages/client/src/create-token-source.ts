import { type Problem, type Selection, UnavailableError } from '@crossfade/core';
import { clientCredentialsGrant } from 'openid-client';
import { discoverProvider } from './discover-provider.ts';
import { type KeptToken, keptToken, spared } from './kept-token.ts';
import { providerError } from './provider-error.ts';
import { createSingleFlight } from './single-flight.ts';
import { readTokenResponse } from './token-response.ts';
import type { TokenSource, TokenSourceOptions } from './token-source.ts';

/**
 * Creates the token source of a machine, and fetches its provider's metadata.
 * @throws {@link ConfigError} with every problem of the options.
 * @throws {@link UnavailableError} when the provider can't be reached.
 * @example
 * ```ts
 * const tokens = await createTokenSource({ issuer, clientId, clientSecret, selector });
 * const headers = { authorization: `Bearer ${await tokens.token()}` };
 * ```
 */
export async function createTokenSource(options: TokenSourceOptions): Promise<TokenSource> {
  const { clientId, selector, key = clientId, now = Date.now } = options;
  const provider = await discoverProvider(options, secretProblems(options.clientSecret));
  const once = createSingleFlight<KeptToken>();
  const kept = new Map<string, KeptToken>();
  let latest: Selection | undefined;

  /** Where the switch can't be read the source stays on its side: an outage of the flag store moves nobody. */
  function select(): Selection {
    const selection = selector.select({ key, clientId });
    if (latest === undefined || selection.reason !== 'default') latest = selection;
    return latest;
  }

  async function mint(parameters: Selection['parameters']): Promise<KeptToken> {
    const requestedAtMs = now();
    try {
      const response = await clientCredentialsGrant(provider, { ...parameters });
      return keptToken(readTokenResponse(response, requestedAtMs), requestedAtMs);
    } catch (error) {
      throw providerError(error, 'a token');
    }
  }

  /** A token that is still valid, of the asked side or else of the other one: the API takes both until it closes. */
  function standIn(name: string): KeptToken | undefined {
    return [kept.get(name), ...kept.values()].find((token) => token !== undefined && now() < token.expiresAtMs);
  }

  async function renew(name: string, parameters: Selection['parameters']): Promise<KeptToken> {
    try {
      return await mint(parameters);
    } catch (error) {
      const token = error instanceof UnavailableError ? standIn(name) : undefined;
      if (token === undefined || !(error instanceof UnavailableError)) throw error;
      return spared(token, now(), error.retryAfterSeconds);
    }
  }

  return {
    async token() {
      const { side, parameters } = select();
      const name = JSON.stringify([side, parameters]);
      const held = kept.get(name);
      if (held !== undefined && now() < held.renewAtMs) return held.accessToken;
      const renewed = await once(name, () => renew(name, parameters));
      kept.set(name, renewed);
      return renewed.accessToken;
    },
  };
}

function secretProblems(clientSecret: unknown): Problem[] {
  if (typeof clientSecret === 'string') return [];
  return [{ path: 'clientSecret', message: 'is required: client credentials are for clients that have one' }];
}
