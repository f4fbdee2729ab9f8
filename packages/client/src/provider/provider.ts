import type { Side } from '@crossfade/core';
import type { Configuration } from 'openid-client';
import type { DiscoveredProvider } from './discovered-provider.ts';
import type { ProviderOptions } from './provider-options.ts';

/** One provider, as one client sees it. */
export interface Provider {
  /** As configured. */
  readonly issuer: string;
  readonly clientId: string;
  readonly options: ProviderOptions;
  /**
   * Sends a request to the provider, with its metadata: fetched at the first use, retried, renewed. Converts what
   * openid-client throws to an error of this package. While an endpoint has asked to wait (429 or 503 with `Retry-After`),
   * what needs it fails at once, without a request; then one request goes alone.
   * @param what the request, as it reads after "the provider refused".
   * @throws {@link UnavailableError} when the provider cannot be reached.
   * @throws {@link ConfigError} when its metadata names another issuer.
   */
  request<T>(
    what: string,
    send: (configuration: Configuration, discovered: DiscoveredProvider) => Promise<T>,
  ): Promise<T>;
}

/** The providers of a client. */
export interface Providers {
  /** One, or one a side. */
  readonly all: readonly Provider[];
  /** The provider that is asked for a side. */
  of(side: Side): Provider;
  /**
   * The provider with this issuer; `undefined` if none of the client's has it. Of two clients at one issuer, that of the side.
   */
  at(issuer: string, side?: Side): Provider | undefined;
}
