import { ConfigError } from '@crossfade/core';
import {
  allowInsecureRequests,
  ClientError,
  type Configuration,
  type CustomFetch,
  customFetch,
  type DiscoveryRequestOptions,
  discovery,
  enableNonRepudiationChecks,
} from 'openid-client';
import { clientAuthenticationMethod, createClientAuthentication } from './client-authentication.ts';
import type { DiscoveredProvider } from './discovered-provider.ts';
import type { ProviderOptions } from './provider-options.ts';
import { providerKeys } from './verify-jwt.ts';

type Algorithm = NonNullable<DiscoveryRequestOptions['algorithm']>;

/**
 * Fetches the metadata of a provider: that of OpenID Connect, or where there is none that of OAuth 2.0.
 * @throws {@link ConfigError} when it names another issuer than the options.
 * @throws an error of openid-client.
 * @see OIDC Discovery 1.0 §4, RFC 8414 §3
 */
export async function discoverProvider(options: ProviderOptions, send: CustomFetch): Promise<DiscoveredProvider> {
  try {
    return await discoverWith('oidc', options, send);
  } catch (error) {
    if (!isAbsent(error)) throw error;
    return discoverWith('oauth2', options, send).catch((second: unknown) => {
      // Without either, the first tells what is wrong.
      throw isAbsent(second) ? error : second;
    });
  }
}

async function discoverWith(
  algorithm: Algorithm,
  options: ProviderOptions,
  send: CustomFetch,
): Promise<DiscoveredProvider> {
  const server = new URL(options.issuer);
  const client = { use_mtls_endpoint_aliases: clientAuthenticationMethod(options) === 'tls_client_auth' };
  const authentication = createClientAuthentication(options);
  const insecure = server.protocol === 'http:' ? [allowInsecureRequests] : [];
  const fetchOnce = oneResponse(send);

  async function configure(...execute: readonly ((configuration: Configuration) => void)[]): Promise<Configuration> {
    const configuration = await discovery(server, options.clientId, client, authentication, {
      algorithm,
      execute: [...insecure, ...execute],
      [customFetch]: fetchOnce,
    }).catch((error: unknown) => {
      throw namesAnotherIssuer(error) ? anotherIssuer(options.issuer, error) : error;
    });
    configuration[customFetch] = send;
    return configuration;
  }

  const configuration = await configure(enableNonRepudiationChecks);
  return { configuration, unverified: await configure(), keys: providerKeys(configuration) };
}

/** Both configurations are made of one response. */
function oneResponse(send: CustomFetch): CustomFetch {
  let first: Promise<Response> | undefined;
  return async (url, options) => {
    first ??= send(url, options);
    return (await first).clone();
  };
}

/** Whether the provider responded, and has no such document: some respond with a page, or refuse the path. */
function isAbsent(error: unknown): boolean {
  if (!(error instanceof ClientError)) return false;
  if (error.code === 'OAUTH_RESPONSE_IS_NOT_JSON') return true;
  const status = error.cause instanceof Response ? error.cause.status : 0;
  return status >= 300 && status < 500 && status !== 408 && status !== 429;
}

function namesAnotherIssuer(error: unknown): error is ClientError {
  return error instanceof ClientError && error.code === 'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED';
}

function anotherIssuer(configured: string, { cause }: ClientError): ConfigError {
  const { issuer } = (cause as { readonly body: { readonly issuer: string } }).body;
  const differs = withoutSlash(issuer) === withoutSlash(configured) ? ', which differs by the slash at its end' : '';
  const message = `must be the issuer that the provider's metadata names${differs}`;
  return new ConfigError('client', [{ path: 'issuer', message }]);
}

function withoutSlash(issuer: string): string {
  return issuer.replace(/\/$/, '');
}
