import { type Clock, type Side, UnavailableError } from '@crossfade/core';
import type { JWTVerifyGetKey } from 'jose';
import {
  allowInsecureRequests,
  type Configuration,
  type CustomFetch,
  customFetch,
  discovery,
  enableNonRepudiationChecks,
} from 'openid-client';
import { createClientAuthentication } from './client-authentication.ts';
import type { ClientOptions } from './client-options.ts';
import { providerError } from './provider-error.ts';
import type { ProviderOptions } from './provider-options.ts';
import { providerKeys } from './verify-jwt.ts';

/** One provider, as one client sees it. */
export interface Provider {
  /** As configured. */
  readonly issuer: string;
  readonly clientId: string;
  readonly options: ProviderOptions;
  /**
   * Sends a request to the provider, with its metadata: fetched at the first use, retried, renewed. Converts what
   * openid-client throws to an error of this package. While the provider has asked to wait (429 or 503 with
   * `Retry-After`), fails at once, without a request.
   * @param what the request, as it reads after "the provider refused".
   * @throws {@link UnavailableError} when the provider cannot be reached.
   */
  request<T>(what: string, send: (configuration: Configuration) => Promise<T>): Promise<T>;
  /** The keys that the provider signs ID tokens and logout tokens with. Not fetched before the first use. */
  keys(configuration: Configuration): JWTVerifyGetKey;
}

/** The providers of a client. */
export interface Providers {
  /** The provider that is asked for a side. */
  of(side: Side): Provider;
  /** The provider with this issuer; `undefined` if none of the client's has it. */
  at(issuer: string): Provider | undefined;
}

const DEFAULT_TIMEOUT_MS = 10_000;

/** Creates the providers of a client, without a request. The options have no problems. */
export function createProviders(options: ClientOptions): Providers {
  const { now = Date.now } = options;
  if (!('providers' in options)) {
    const provider = createProvider(options, now);
    return { of: () => provider, at: (issuer) => (issuer === provider.issuer ? provider : undefined) };
  }
  const { legacy, target } = options.providers;
  const providers: Readonly<Record<Side, Provider>> = {
    legacy: createProvider(legacy, now),
    target: createProvider(target, now),
  };
  return {
    of: (side) => providers[side],
    at: (issuer) => Object.values(providers).find((provider) => provider.issuer === issuer),
  };
}

function createProvider(options: ProviderOptions, now: Clock): Provider {
  const { issuer, clientId } = options;
  let configuration: Promise<Configuration> | undefined;
  const keySets = new WeakMap<Configuration, JWTVerifyGetKey>();
  let waitUntilMs = 0;

  function discovered(): Promise<Configuration> {
    configuration ??= discover(options).catch((error: unknown) => {
      configuration = undefined;
      throw error;
    });
    return configuration;
  }

  return {
    issuer,
    clientId,
    options,
    async request(what, send) {
      const waitMs = waitUntilMs - now();
      if (waitMs > 0) {
        throw new UnavailableError(`the provider asked to wait before ${what}`, {
          retryAfterSeconds: Math.ceil(waitMs / 1000),
        });
      }
      try {
        return await send(await discovered());
      } catch (error) {
        const ours = providerError(error, what);
        if (ours instanceof UnavailableError) waitUntilMs = now() + 0;
        throw ours;
      }
    },
    keys(configuration) {
      const keys = keySets.get(configuration) ?? providerKeys(configuration);
      keySets.set(configuration, keys);
      return keys;
    },
  };
}

async function discover(options: ProviderOptions): Promise<Configuration> {
  const { issuer, clientId, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  const server = new URL(issuer);
  return discovery(
    server,
    clientId,
    { use_mtls_endpoint_aliases: options.clientAuthentication === 'tls_client_auth' },
    createClientAuthentication(options),
    {
      execute: [enableNonRepudiationChecks, ...(server.protocol === 'http:' ? [allowInsecureRequests] : [])],
      timeout: timeoutMs / 1000,
      ...(options.fetch !== undefined && { [customFetch]: options.fetch as CustomFetch }),
    },
  );
}
