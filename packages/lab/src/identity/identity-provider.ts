import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Provider } from 'oidc-provider';
import { type IdentityProviderOptions, identityConfiguration } from './identity-configuration.ts';
import { endedPage, loginPage } from './identity-pages.ts';

export interface IdentityProvider {
  readonly issuer: string;
  /** Leaves every request without a response until {@link IdentityProvider.recover}. */
  hang(): void;
  recover(): void;
  close(): Promise<void>;
}

/** A form of the login page is not longer. */
const LONGEST_FORM = 1000;

/**
 * Starts an OpenID Provider on loopback: `oidc-provider` with new keys and refresh tokens for every browser session. Its login
 * page asks no password, and it is skipped where the client names the user in `login_hint`.
 */
export async function startIdentityProvider(options: IdentityProviderOptions): Promise<IdentityProvider> {
  // The issuer contains the port, so the server listens first.
  const server = createServer({ keepAliveTimeout: 60_000 });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { Provider, errors } = await loadOidcProvider();
  const configuration = await identityConfiguration(options, {
    invalidTarget: () => new errors.InvalidTarget(),
    invalidGrant: () => new errors.InvalidGrant('the session is over'),
  });
  const provider = new Provider(issuer, configuration);
  const protocol = provider.callback();
  const held: (() => void)[] = [];
  let hangs = false;

  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    if (request.url?.startsWith('/login/') === true) void signIn(provider, options, request, response);
    else void protocol(request, response);
  };
  server.on('request', (request, response) => {
    if (hangs) held.push(() => serve(request, response));
    else serve(request, response);
  });
  return {
    issuer,
    hang() {
      hangs = true;
    },
    recover() {
      hangs = false;
      for (const goOn of held.splice(0)) goOn();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const PAGE_HEADERS = { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' };

/** Signs in the user that the client names in `login_hint`, or the one that is chosen on the login page. */
async function signIn(
  provider: Provider,
  { users = [], webApp }: IdentityProviderOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const { params } = await provider.interactionDetails(request, response);
    const hint = String(params['login_hint'] ?? '');
    const form = request.method === 'POST' ? new URLSearchParams(await readForm(request)) : undefined;
    const accountId = hint === '' ? (form?.get('user') ?? '') : hint;
    if (accountId === '' && form === undefined && users.length > 0) {
      response.writeHead(200, PAGE_HEADERS).end(loginPage(users));
      return;
    }
    const refusal = form?.has('decline') === true ? 'access_denied' : 'login_required';
    const result = accountId === '' ? { error: refusal } : { login: { accountId } };
    await provider.interactionFinished(request, response, result);
  } catch {
    response.writeHead(400, PAGE_HEADERS).end(endedPage(webApp.postLogoutRedirectUri));
  }
}

async function readForm(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  return text.length > LONGEST_FORM ? '' : text;
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
