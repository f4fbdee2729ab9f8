import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair } from 'jose';
import type { Configuration, KoaContextWithOIDC, Provider } from 'oidc-provider';

const CALLBACK = 'http://127.0.0.1:1/callback';
const SECRET = randomBytes(16).toString('hex');
const ALGORITHM = 'ES256';

export type Parameters = Readonly<Record<string, string | readonly string[]>>;
/** A token response, or an error. */
export interface Tokens {
  readonly access_token?: string;
  readonly refresh_token?: string;
  readonly scope?: string;
  readonly error?: string;
}

export interface RealProvider {
  readonly issuer: string;
  close(): Promise<void>;
}

/** Starts `oidc-provider` with a configuration, new keys, one client, and a login that asks nothing. */
export async function startProvider(configuration: Configuration, rotates: boolean): Promise<RealProvider> {
  const { warn } = console;
  console.warn = () => {};
  const { Provider } = await import('oidc-provider');
  const server = createServer();
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done);
  });
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { privateKey } = await generateKeyPair(ALGORITHM, { extractable: true });
  const ttl = {
    AccessToken: 900,
    ClientCredentials: 900,
    Grant: 900,
    IdToken: 900,
    Interaction: 900,
    RefreshToken: 900,
    Session: 900,
  };
  const provider: Provider = new Provider(issuer, {
    ...configuration,
    ttl,
    rotateRefreshToken: rotates,
    jwks: {
      keys: [{ ...(await exportJWK(privateKey)), alg: ALGORITHM, use: 'sig', kid: randomBytes(4).toString('hex') }],
    },
    enabledJWA: { idTokenSigningAlgValues: [ALGORITHM] },
    clientDefaults: { id_token_signed_response_alg: ALGORITHM },
    cookies: { keys: [SECRET] },
    clients: [
      {
        client_id: 'web-app',
        client_secret: SECRET,
        redirect_uris: [CALLBACK],
        grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
        response_types: ['code'],
      },
    ],
    features: {
      ...configuration.features,
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
    },
    issueRefreshToken: (_context, client) => client.grantTypeAllowed('refresh_token'),
    findAccount: (_context, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
    interactions: { url: (_context, interaction) => `/login/${interaction.uid}` },
    loadExistingGrant: grantEverything,
  });
  console.warn = warn;
  const protocol = provider.callback();
  server.on('request', (request, response) => {
    if (request.url?.startsWith('/login/') !== true) return void protocol(request, response);
    void provider.interactionFinished(request, response, { login: { accountId: 'ada' } });
  });
  return {
    issuer,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

async function grantEverything({ oidc }: KoaContextWithOIDC) {
  const { session, client, provider, requestParamScopes, resourceServers } = oidc;
  if (session?.accountId === undefined || client === undefined) return undefined;
  const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
  const scope = [...requestParamScopes].join(' ');
  grant.addOIDCScope(scope);
  for (const resource of Object.keys(resourceServers ?? {})) grant.addResourceScope(resource, scope);
  await grant.save();
  return grant;
}

/** A client of the provider that sends what it is told to. */
export function createClient(issuer: string) {
  const entries = (parameters: Parameters) =>
    Object.entries(parameters).flatMap(([name, value]) => [value].flat().map((one): [string, string] => [name, one]));
  const token = async (parameters: Parameters): Promise<Tokens> => {
    const authorization = `Basic ${Buffer.from(`web-app:${SECRET}`).toString('base64')}`;
    const body = new URLSearchParams(entries(parameters));
    return (
      await fetch(`${issuer}/token`, { method: 'POST', headers: { authorization }, body })
    ).json() as Promise<Tokens>;
  };
  const login = async (parameters: Parameters, exchange: Parameters = {}): Promise<Tokens> => {
    const code_verifier = randomBytes(32).toString('base64url');
    const code_challenge = createHash('sha256').update(code_verifier).digest('base64url');
    const cookies = new Map<string, string>();
    const own = {
      client_id: 'web-app',
      response_type: 'code',
      redirect_uri: CALLBACK,
      code_challenge,
      code_challenge_method: 'S256',
    };
    let url = new URL(`${issuer}/auth?${new URLSearchParams(entries({ ...own, ...parameters }))}`);
    for (let hops = 0; hops < 10 && !url.href.startsWith(CALLBACK); hops += 1) {
      const cookie = [...cookies].map((pair) => pair.join('=')).join('; ');
      const response = await fetch(url, { redirect: 'manual', headers: { cookie } });
      for (const line of response.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
        cookies.set(name, value);
      }
      url = new URL(response.headers.get('location') ?? CALLBACK, url);
    }
    const code = url.searchParams.get('code');
    if (code === null) return { error: url.searchParams.get('error') ?? 'no redirect' };
    return token({ grant_type: 'authorization_code', code, redirect_uri: CALLBACK, code_verifier, ...exchange });
  };
  return {
    login,
    machine: (parameters: Parameters) => token({ grant_type: 'client_credentials', ...parameters }),
    refresh: ({ refresh_token = '' }: Tokens, parameters: Parameters = {}) =>
      token({ grant_type: 'refresh_token', refresh_token, ...parameters }),
  };
}
