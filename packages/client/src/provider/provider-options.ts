import { isLoopbackHost, type Problem } from '@crossfade/core';
import { type ClientAuthenticationOptions, clientAuthenticationProblems } from './client-authentication.ts';

/** How a client finds one provider and authenticates to it. */
export interface ProviderOptions extends ClientAuthenticationOptions {
  /** The provider's issuer URL. Its metadata is fetched at the first use, and renewed. */
  readonly issuer: string;
  readonly clientId: string;
  /** Binds tokens to a key of this client (RFC 9449). */
  readonly dpop?: boolean;
  /** Allows an http issuer that is not on loopback. Only for trusted networks. */
  readonly allowInsecure?: boolean;
  /**
   * The timeout of one request to the provider, in ms. Default 10,000. A refresh gets three times as long, because its response
   * may hold the only valid refresh token; a caller with a valid token does not wait for it.
   */
  readonly timeoutMs?: number;
}

/** A refresh waits three times as long, and a timer of Node.js overflows at 24 days. */
const LONGEST_TIMEOUT_MS = 600_000;

/** Lists every problem of the options, without a request. @param prefix of the paths, such as `providers.legacy.` */
export function providerProblems(options: ProviderOptions, prefix = ''): Problem[] {
  const { issuer, clientId, dpop, timeoutMs = 1 } = options ?? {};
  const problems: Problem[] = [];
  const report = (path: string, message: string) => problems.push({ path: `${prefix}${path}`, message });
  const server = URL.canParse(issuer) ? new URL(issuer) : undefined;
  if (server === undefined || !isHttp(server) || /[?#\s]/.test(issuer)) {
    report('issuer', 'must be an https URL without credentials, query, fragment and white space');
  } else if (/\/\.well-known\//.test(server.pathname)) {
    report('issuer', 'must be the issuer, not the URL of its metadata: leave out /.well-known and what follows');
  } else if (server.protocol === 'http:' && !isLoopbackHost(server.hostname) && options.allowInsecure !== true) {
    report('issuer', 'must be https: http is for loopback, or needs allowInsecure');
  }
  if (typeof clientId !== 'string' || clientId === '') report('clientId', 'is required');
  problems.push(...clientAuthenticationProblems(options ?? {}, prefix));
  if (dpop !== undefined && typeof dpop !== 'boolean') report('dpop', 'must be true or false');
  if (typeof timeoutMs !== 'number' || !(timeoutMs > 0) || timeoutMs > LONGEST_TIMEOUT_MS) {
    report('timeoutMs', 'must be a number of milliseconds above 0, and at most 10 minutes');
  }
  return problems;
}

function isHttp({ protocol, username, password }: URL): boolean {
  return /^https?:$/.test(protocol) && username === '' && password === '';
}
