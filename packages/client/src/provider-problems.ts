import { isLoopbackHost, type Problem } from '@crossfade/core';
import type { ProviderOptions } from './provider-options.ts';

/** A client's options as far as they concern its provider; public clients have no secret. */
export type ClientOptions = ProviderOptions & { readonly clientSecret?: string };

const AUTHENTICATIONS: readonly unknown[] = ['client_secret_basic', 'client_secret_post'];

/** Everything that is wrong with the options. Asks nobody. */
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
  if (server === undefined || !/^https?:$/.test(server.protocol) || /[?#@]/.test(issuer)) {
    report('issuer', 'must be an https URL without query or fragment');
  } else if (server.protocol === 'http:' && !isLoopbackHost(server.hostname) && options.allowInsecure !== true) {
    report('issuer', 'must be https: http is for loopback, or needs allowInsecure');
  }
  if (typeof clientId !== 'string' || clientId === '') report('clientId', 'is required');
  if (clientSecret === '') report('clientSecret', 'must not be empty: leave it out for a public client');
  if (!AUTHENTICATIONS.includes(clientAuthentication)) {
    report('clientAuthentication', `must be ${AUTHENTICATIONS.join(' or ')}`);
  }
  if (typeof selector?.select !== 'function') report('selector', 'is required: createSelector makes one');
  if (!(timeoutMs > 0)) report('timeoutMs', 'must be above 0');
  return problems;
}
