import { type Clock, isLoopbackHost, type Problem } from '@crossfade/core';
import type { Selector } from '@crossfade/selector';

/** How a client finds its provider and authenticates to it. */
export interface ProviderOptions {
  /** The provider's issuer URL; its OpenID metadata is fetched once, when the client is created. */
  readonly issuer: string;
  readonly clientId: string;
  /** Selects the side, at every login and for every token. */
  readonly selector: Selector;
  /** How the secret is sent. Default `client_secret_basic`, which every provider must support (RFC 6749 §2.3.1). */
  readonly clientAuthentication?: 'client_secret_basic' | 'client_secret_post';
  /** Allows an http issuer that is not on loopback. Only for trusted networks. */
  readonly allowInsecure?: boolean;
  /** The timeout of one request to the provider, in ms. Default 10,000. */
  readonly timeoutMs?: number;
  readonly now?: Clock;
}

/** The provider options of a client; public clients have no secret. */
export type ClientOptions = ProviderOptions & { readonly clientSecret?: string };

const AUTHENTICATIONS: readonly unknown[] = ['client_secret_basic', 'client_secret_post'];

/** Lists every problem of the options, without a request. */
export function providerProblems(options: ClientOptions): Problem[] {
  const {
    issuer,
    clientId,
    clientSecret,
    clientAuthentication = 'client_secret_basic',
    selector,
    timeoutMs = 1,
  } = options;
  const problems: Problem[] = [];
  const report = (path: string, message: string) => problems.push({ path, message });
  const server = URL.canParse(issuer) ? new URL(issuer) : undefined;
  if (server === undefined || !isHttp(server) || /[?#\s]/.test(issuer)) {
    report('issuer', 'must be an https URL without credentials, query, fragment and white space');
  } else if (server.protocol === 'http:' && !isLoopbackHost(server.hostname) && options.allowInsecure !== true) {
    report('issuer', 'must be https: http is for loopback, or needs allowInsecure');
  }
  if (typeof clientId !== 'string' || clientId === '') report('clientId', 'is required');
  if (clientSecret === '') report('clientSecret', 'must not be empty: leave it out for a public client');
  if (!AUTHENTICATIONS.includes(clientAuthentication)) {
    report('clientAuthentication', `must be ${AUTHENTICATIONS.join(' or ')}`);
  }
  if (typeof selector?.select !== 'function') report('selector', 'is required: createSelector creates one');
  if (!(timeoutMs > 0)) report('timeoutMs', 'must be above 0');
  return problems;
}

function isHttp({ protocol, username, password }: URL): boolean {
  return /^https?:$/.test(protocol) && username === '' && password === '';
}
