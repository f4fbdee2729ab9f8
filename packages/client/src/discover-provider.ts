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
import type { ProviderOptions } from './provider-options.ts';

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;
const DEFAULT_TIMEOUT_MS = 10_000;

interface DiscoverOptions extends ProviderOptions {
  readonly clientSecret?: string;
}

/**
 * Fetches the provider's metadata.
 * @param problems of the caller's own options, to be reported together with those found here.
 * @throws {@link ConfigError} with every problem of the options.
 * @throws {@link UnavailableError} when the provider can't be reached.
 */
export async function discoverProvider(options: DiscoverOptions, problems: readonly Problem[]): Promise<Configuration> {
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

function clientAuthentication({ clientSecret, clientAuthentication }: DiscoverOptions): ClientAuth {
  if (clientSecret === undefined) return None();
  return clientAuthentication === 'client_secret_post'
    ? ClientSecretPost(clientSecret)
    : ClientSecretBasic(clientSecret);
}

function providerProblems({
  issuer,
  clientId,
  clientSecret,
  selector,
  allowInsecure,
  timeoutMs = 1,
}: DiscoverOptions): Problem[] {
  const problems: Problem[] = [];
  const report = (path: string, message: string) => problems.push({ path, message });
  const server = URL.canParse(issuer) ? new URL(issuer) : undefined;
  if (server === undefined || !/^https?:$/.test(server.protocol) || /[?#@]/.test(issuer)) {
    report('issuer', 'must be an https URL without query or fragment');
  } else if (server.protocol === 'http:' && !LOOPBACK.test(server.hostname) && allowInsecure !== true) {
    report('issuer', 'must be https: http is for loopback, or needs allowInsecure');
  }
  if (typeof clientId !== 'string' || clientId === '') report('clientId', 'is required');
  if (clientSecret === '') report('clientSecret', 'must not be empty: leave it out for a public client');
  if (typeof selector?.select !== 'function') report('selector', 'is required: createSelector makes one');
  if (!(timeoutMs > 0)) report('timeoutMs', 'must be above 0');
  return problems;
}
