import type { webcrypto } from 'node:crypto';
import { isLoopbackHost, type Problem } from '@crossfade/core';

/** The methods by which a client authenticates to its provider. @see RFC 6749 §2.3, RFC 7523, RFC 8705 */
export const CLIENT_AUTHENTICATIONS = [
  'client_secret_basic',
  'client_secret_post',
  'client_secret_jwt',
  'private_key_jwt',
  'tls_client_auth',
  'none',
] as const;
export type ClientAuthentication = (typeof CLIENT_AUTHENTICATIONS)[number];

/** How a client finds one provider and authenticates to it. */
export interface ProviderOptions {
  /** The provider's issuer URL. Its metadata is fetched at the first use, and renewed. */
  readonly issuer: string;
  readonly clientId: string;
  /** Absent for public clients, `private_key_jwt` and `tls_client_auth`. */
  readonly clientSecret?: string;
  /** The private key of `private_key_jwt`; with a `kid` if the provider knows several. */
  readonly clientKey?: webcrypto.CryptoKey | { readonly key: webcrypto.CryptoKey; readonly kid: string };
  /**
   * Default: `client_secret_basic` with a secret, which every provider must support (RFC 6749 §2.3.1), `private_key_jwt`
   * with a key, else `none`.
   */
  readonly clientAuthentication?: ClientAuthentication;
  /** Binds tokens to a key of this client (RFC 9449). */
  readonly dpop?: boolean;
  /** Sends every request to the provider. For `tls_client_auth` it presents the client certificate. Default: the global one. */
  readonly fetch?: typeof fetch;
  /** Allows an http issuer that is not on loopback. Only for trusted networks. */
  readonly allowInsecure?: boolean;
  /** The timeout of one request to the provider, in ms. Default 10,000. */
  readonly timeoutMs?: number;
}

/** Lists every problem of the options, without a request. @param prefix of the paths, such as `providers.legacy.` */
export function providerProblems(options: ProviderOptions, prefix = ''): Problem[] {
  const { issuer, clientId, clientSecret, clientKey, clientAuthentication, timeoutMs = 1 } = options ?? {};
  const problems: Problem[] = [];
  const report = (path: string, message: string) => problems.push({ path: `${prefix}${path}`, message });
  const server = URL.canParse(issuer) ? new URL(issuer) : undefined;
  if (server === undefined || !isHttp(server) || /[?#\s]/.test(issuer)) {
    report('issuer', 'must be an https URL without credentials, query, fragment and white space');
  } else if (server.protocol === 'http:' && !isLoopbackHost(server.hostname) && options.allowInsecure !== true) {
    report('issuer', 'must be https: http is for loopback, or needs allowInsecure');
  }
  if (typeof clientId !== 'string' || clientId === '') report('clientId', 'is required');
  if (clientSecret === '') report('clientSecret', 'must not be empty: leave it out for a public client');
  if (clientAuthentication !== undefined && !CLIENT_AUTHENTICATIONS.includes(clientAuthentication)) {
    report('clientAuthentication', `must be one of ${CLIENT_AUTHENTICATIONS.join(', ')}`);
  } else if (clientAuthentication?.startsWith('client_secret') && clientSecret === undefined) {
    report('clientSecret', `is required by ${clientAuthentication}`);
  } else if (clientAuthentication === 'private_key_jwt' && clientKey === undefined) {
    report('clientKey', 'is required by private_key_jwt');
  } else if (clientAuthentication === 'tls_client_auth' && options.fetch === undefined) {
    report('fetch', 'is required by tls_client_auth: it presents the client certificate');
  }
  if (!(timeoutMs > 0)) report('timeoutMs', 'must be above 0');
  return problems;
}

function isHttp({ protocol, username, password }: URL): boolean {
  return /^https?:$/.test(protocol) && username === '' && password === '';
}
