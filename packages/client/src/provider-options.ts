import type { Clock } from '@crossfade/core';
import type { Selector } from '@crossfade/selector';

/** How a client finds its provider and makes itself known there. */
export interface ProviderOptions {
  /** The provider's issuer URL; its OpenID metadata is fetched once, when the client is created. */
  readonly issuer: string;
  readonly clientId: string;
  /** Which side to ask for; asked at every login and for every token. */
  readonly selector: Selector;
  /** How the secret is sent. Default `client_secret_basic`, which every provider must know (RFC 6749 §2.3.1). */
  readonly clientAuthentication?: 'client_secret_basic' | 'client_secret_post';
  /** Allows an issuer over http that is not on loopback. Only for networks where nobody else listens. */
  readonly allowInsecure?: boolean;
  /** The longest that one request to the provider may take, in ms. Default 10,000. */
  readonly timeoutMs?: number;
  readonly now?: Clock;
}
