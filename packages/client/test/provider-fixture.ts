import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Configuration, errors, type KoaContextWithOIDC, Provider, type ResourceServer } from 'oidc-provider';

/** Resource indicators must be URIs; the audience of the issued tokens need not be one. */
const LEGACY_RESOURCE = 'urn:fixture:legacy';
export const TARGET_RESOURCE = 'https://api.example.com/orders';
export const BILLING_RESOURCE = 'https://api.example.com/billing';
export const LEGACY_AUDIENCE = 'default-api';

export const LEGACY_SIDE = { scope: 'openid offline_access profile:read' };
export const TARGET_SIDE = { scope: 'openid offline_access orders:read', resource: TARGET_RESOURCE };

const RESOURCES: Readonly<Record<string, Pick<ResourceServer, 'audience' | 'scope'>>> = {
  [LEGACY_RESOURCE]: { audience: LEGACY_AUDIENCE, scope: 'profile:read' },
  [TARGET_RESOURCE]: { audience: TARGET_RESOURCE, scope: 'orders:read billing:read' },
  [BILLING_RESOURCE]: { audience: BILLING_RESOURCE, scope: 'orders:read billing:read' },
};

/** One key for all providers of a test file: generating an RSA key is slow. */
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

export interface ProviderFixture {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly redirectUri: string;
  /** The parameters of every grant, oldest first. */
  readonly grants: readonly Readonly<Record<string, unknown>>[];
  /** The grant type of every token request, granted or not, oldest first. */
  readonly requests: readonly string[];
  /** The resource of every token request, granted or not, oldest first. */
  readonly tokenResources: readonly unknown[];
  /** Handles every request instead of the provider while it is set. */
  fault: ((response: ServerResponse) => void) | undefined;
  /** Follows the redirects of an authorization request, as a browser does, up to the client's callback. */
  browse(url: URL): Promise<URL>;
  close(): Promise<void>;
}

/** Starts a real OpenID Provider on loopback: two resources, a login without pages, JWT access tokens, rotating refresh. */
export async function startProvider({ accessTokenSeconds = 300 } = {}): Promise<ProviderFixture> {
  const server = createServer();
  // On a slow machine the server would close an idle connection just when a client uses it again.
  server.keepAliveTimeout = 0;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = { clientId: 'web-app', clientSecret: randomUUID(), redirectUri: 'https://app.example.com/callback' };
  const grants: Record<string, unknown>[] = [];
  const requests: string[] = [];
  const tokenResources: unknown[] = [];

  const provider = new Provider(issuer, configuration(client, accessTokenSeconds));
  provider.on('grant.success', (context) => grants.push({ ...context.oidc.params }));
  const record = ({ oidc }: KoaContextWithOIDC) => {
    requests.push(String(oidc.params?.['grant_type']));
    tokenResources.push(oidc.params?.['resource']);
  };
  provider.on('grant.success', record);
  provider.on('grant.error', record);
  const serve = provider.callback();
  server.on('request', (request, response) => {
    if (fixture.fault !== undefined) return fixture.fault(response);
    if (!request.url?.startsWith('/interaction/')) return serve(request, response);
    const done = { login: { accountId: 'alice' } };
    return provider.interactionFinished(request, response, done, { mergeWithLastSubmission: false });
  });

  const fixture: ProviderFixture = {
    issuer,
    ...client,
    grants,
    requests,
    tokenResources,
    fault: undefined,
    browse: (url) => browse(url, client.redirectUri),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return fixture;
}

type FixtureClient = Pick<ProviderFixture, 'clientId' | 'clientSecret' | 'redirectUri'>;

function configuration(
  { clientId, clientSecret, redirectUri }: FixtureClient,
  accessTokenSeconds: number,
): Configuration {
  return {
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        redirect_uris: [redirectUri],
        grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
        scope: 'openid offline_access profile:read orders:read billing:read',
      },
    ],
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), kid: randomUUID(), alg: 'RS256', use: 'sig' }] },
    cookies: { keys: [randomUUID()] },
    scopes: ['openid', 'offline_access', 'profile:read', 'orders:read', 'billing:read'],
    findAccount: (_, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    loadExistingGrant: grantEverything,
    issueRefreshToken: () => true,
    rotateRefreshToken: true,
    ttl: {
      Interaction: 60,
      IdToken: 300,
      AccessToken: accessTokenSeconds,
      ClientCredentials: accessTokenSeconds,
      RefreshToken: 3600,
      Session: 3600,
      Grant: 3600,
    },
    formats: { customizers: { jwt: severalAudiences } },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        // A login without a resource may later ask for either; a token request without one is for legacy.
        defaultResource: (context, _, oneOf) =>
          context.oidc.route === 'authorization' && oneOf === undefined
            ? [LEGACY_RESOURCE, TARGET_RESOURCE]
            : (oneOf?.[0] ?? LEGACY_RESOURCE),
        useGrantedResource: () => true,
        getResourceServerInfo(_, resource) {
          const known = RESOURCES[resource];
          if (known === undefined) throw new errors.InvalidTarget();
          return {
            ...known,
            accessTokenTTL: accessTokenSeconds,
            accessTokenFormat: 'jwt',
            jwt: { sign: { alg: 'RS256' } },
          };
        },
      },
    },
  };
}

/** A token for several resources has all of them as its audience (RFC 8707 §2.2). */
function severalAudiences({ oidc }: KoaContextWithOIDC, _: unknown, { payload }: { payload: Record<string, unknown> }) {
  const resource = oidc.params?.['resource'];
  if (Array.isArray(resource)) payload['aud'] = resource;
}

async function grantEverything({ oidc }: KoaContextWithOIDC) {
  const accountId = oidc.session?.accountId;
  const clientId = oidc.client?.clientId;
  if (accountId === undefined || clientId === undefined) return undefined;
  const grant = new oidc.provider.Grant({ clientId, accountId });
  grant.addOIDCScope('openid offline_access profile:read orders:read billing:read');
  for (const [resource, { scope }] of Object.entries(RESOURCES)) grant.addResourceScope(resource, scope);
  await grant.save();
  return grant;
}

async function browse(start: URL, callback: string): Promise<URL> {
  const cookies = new Map<string, string>();
  let url = start;
  for (let hops = 0; hops < 10; hops += 1) {
    if (url.href.startsWith(callback)) return url;
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, { redirect: 'manual', headers: { cookie } });
    await response.body?.cancel();
    for (const header of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(header) ?? [];
      cookies.set(name, value);
    }
    const location = response.headers.get('location');
    if (location === null) throw new Error(`the provider must redirect, but responded ${response.status}`);
    url = new URL(location, url);
  }
  throw new Error('too many redirects');
}
