import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Provider } from 'oidc-provider';
import { type IdentityProviderOptions, identityConfiguration } from './identity-configuration.ts';

export interface IdentityProvider {
  readonly issuer: string;
  close(): Promise<void>;
}

/**
 * Starts an OpenID Provider on loopback: `oidc-provider` with new keys, refresh tokens for every browser session, and
 * no login page (the `login_hint` names the user).
 */
export async function startIdentityProvider(options: IdentityProviderOptions): Promise<IdentityProvider> {
  // The issuer contains the port, so the server listens first.
  const server = createServer({ keepAliveTimeout: 60_000 });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { Provider, errors } = await loadOidcProvider();
  const configuration = await identityConfiguration(options, {
    invalidTarget: () => new errors.InvalidTarget(),
    invalidGrant: () => new errors.InvalidGrant('the session is over'),
  });
  const provider = new Provider(issuer, configuration);
  const protocol = provider.callback();
  server.on('request', (request, response) => {
    if (request.url?.startsWith('/login/') === true) void signIn(provider, request, response);
    else void protocol(request, response);
  });
  return {
    issuer,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Replaces the login page: signs in the user that the client names in `login_hint`. */
async function signIn(provider: Provider, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const { params } = await provider.interactionDetails(request, response);
    const accountId = String(params['login_hint'] ?? '');
    const result = accountId === '' ? { error: 'login_required' } : { login: { accountId } };
    await provider.interactionFinished(request, response, result);
  } catch {
    response.writeHead(400, { 'content-type': 'text/plain' }).end('this login has ended: start again\n');
  }
}

/**
 * Imports `oidc-provider` without its warning about Node 20, which it no longer tests on: users of the
 * lab cannot act on it.
 */
async function loadOidcProvider(): Promise<typeof import('oidc-provider')> {
  const console = globalThis.console;
  const { warn } = console;
  console.warn = () => {};
  try {
    return await import('oidc-provider');
  } finally {
    console.warn = warn;
  }
}
