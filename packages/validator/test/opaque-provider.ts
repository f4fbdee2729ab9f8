import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { errors, Provider, type ResourceServer } from 'oidc-provider';

export const LEGACY = 'https://api.example.com/legacy';
export const TARGET = 'https://api.example.com/orders';

const RESOURCES: Readonly<Record<string, ResourceServer>> = {
  [LEGACY]: { audience: LEGACY, scope: 'read write', accessTokenFormat: 'opaque' },
  [TARGET]: { audience: TARGET, scope: 'orders:read', accessTokenFormat: 'jwt', jwt: { sign: { alg: 'RS256' } } },
};

const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const EXCHANGE_PARAMETERS = ['subject_token', 'subject_token_type', 'requested_token_type'];

/** Contains characters that are special in a form, in Basic, or in both. */
const SECRET = 'a+b%20c:d&e=f/g?h';

export interface OpaqueProvider {
  readonly issuer: string;
  /** The API's own credentials. */
  readonly api: { readonly clientId: string; readonly clientSecret: string };
  /** How many introspection requests arrived. */
  introspections(): number;
  /** An access token of the client `batch`: opaque for {@link LEGACY}, a JWT for {@link TARGET}. */
  accessToken(resource: string, scope?: string): Promise<string>;
  /** A refresh token of the user `alice`, with the scope `read`. */
  refreshToken(): Promise<string>;
  revoke(token: string): Promise<void>;
  close(): Promise<void>;
}

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

/** A real OpenID Provider on loopback that issues opaque tokens for one resource, and JWTs for another. */
export async function startOpaqueProvider(): Promise<OpaqueProvider> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = new Provider(issuer, {
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), kid: 'a', alg: 'RS256', use: 'sig' }] },
    clients: [
      client({
        client_id: 'batch',
        token_endpoint_auth_method: 'client_secret_post',
        grant_types: ['client_credentials', 'refresh_token'],
      }),
      client({
        client_id: 'orders-api',
        introspection_signed_response_alg: 'RS256',
        grant_types: [TOKEN_EXCHANGE],
      }),
    ],
    ttl: { ClientCredentials: 600, RefreshToken: 600, Grant: 600 },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      introspection: { enabled: true, allowedPolicy: () => true },
      jwtIntrospection: { enabled: true },
      revocation: { enabled: true, allowedPolicy: () => true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_, resource) => RESOURCES[resource] ?? Promise.reject(new Error('no such resource')),
      },
    },
  });
  provider.registerGrantType(TOKEN_EXCHANGE, (context) => exchangeToken(provider, context), EXCHANGE_PARAMETERS);
  let introspections = 0;
  const serve = provider.callback();
  server.on('request', (request, response) => {
    if (request.url === '/token/introspection') introspections += 1;
    return serve(request, response);
  });

  async function post(path: string, form: Record<string, string>): Promise<unknown> {
    const credentials = { client_id: 'batch', client_secret: SECRET };
    const body = new URLSearchParams({ ...credentials, ...form });
    const response = await fetch(`${issuer}${path}`, { method: 'POST', body });
    if (!response.ok) throw new Error(`${path} returned ${response.status}: ${await response.text()}`);
    return response.headers.get('content-type')?.startsWith('application/json') === true ? response.json() : undefined;
  }

  return {
    issuer,
    api: { clientId: 'orders-api', clientSecret: SECRET },
    introspections: () => introspections,
    async accessToken(resource, scope = RESOURCES[resource]?.scope ?? '') {
      const granted = await post('/token', { grant_type: 'client_credentials', resource, scope });
      return (granted as { access_token: string }).access_token;
    },
    async refreshToken() {
      const batch = await provider.Client.find('batch');
      if (batch === undefined) throw new Error('no client');
      const grant = new provider.Grant({ accountId: 'alice', clientId: 'batch' });
      grant.addResourceScope(LEGACY, 'read');
      const refreshToken = new provider.RefreshToken({
        accountId: 'alice',
        client: batch,
        grantId: await grant.save(),
        gty: 'authorization_code',
        scope: 'read',
        resource: LEGACY,
      });
      return refreshToken.save();
    },
    async revoke(token) {
      await post('/token/revocation', { token });
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

type GrantContext = Parameters<Parameters<Provider['registerGrantType']>[1]>[0];

/** Exchanges an opaque token for a JWT of {@link TARGET} (RFC 8693). */
async function exchangeToken(provider: Provider, context: GrantContext): Promise<void> {
  const { client: gateway, params } = context.oidc;
  const subject = await provider.ClientCredentials.find(String(params?.['subject_token']));
  if (subject === undefined || gateway === undefined)
    throw new errors.InvalidRequest('the subject token is not active');
  const token = new provider.ClientCredentials({ client: gateway, scope: 'orders:read' });
  token.resourceServer = new provider.ResourceServer(TARGET, RESOURCES[TARGET] as ResourceServer);
  context.body = {
    access_token: await token.save(),
    issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    token_type: 'Bearer',
    expires_in: token.expiration,
  };
}

function client(metadata: Record<string, unknown> & { client_id: string }) {
  return {
    client_secret: SECRET,
    grant_types: [],
    response_types: [],
    redirect_uris: [],
    ...metadata,
  };
}
