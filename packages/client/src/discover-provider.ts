import { ConfigError, type Problem } from '@crossfade/core';
import {
  allowInsecureRequests,
  type ClientAuth,
  ClientSecretBasic,
  ClientSecretPost,
  type Configuration,
  discovery,
  None,
} from 'openid-client';
import { providerError } from './provider-error.ts';
import { type ClientOptions, providerProblems } from './provider-options.ts';

const DEFAULT_TIMEOUT_MS = 10_000;

/**
 * Fetches the provider's metadata.
 * @param problems of the caller's own options, reported together with those found here.
 * @throws {@link ConfigError} with every problem of the options.
 * @throws {@link UnavailableError} when the provider cannot be reached.
 */
export async function discoverProvider(options: ClientOptions, problems: readonly Problem[]): Promise<Configuration> {
  const { issuer, clientId, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  const found = [...providerProblems(options), ...problems];
  if (found.length > 0) throw new ConfigError('client', found);
  const server = new URL(issuer);
  try {
    return await discovery(server, clientId, undefined, clientAuthentication(options), {
      execute: server.protocol === 'http:' ? [allowInsecureRequests] : [],
      timeout: timeoutMs / 1000,
    });
  } catch (error) {
    throw providerError(error, 'its metadata');
  }
}

function clientAuthentication({ clientSecret, clientAuthentication }: ClientOptions): ClientAuth {
  if (clientSecret === undefined) return None();
  return clientAuthentication === 'client_secret_post'
    ? ClientSecretPost(clientSecret)
    : ClientSecretBasic(clientSecret);
}
