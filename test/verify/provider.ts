import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type JWTPayload, SignJWT } from 'jose';
import { Provider } from 'oidc-provider';

export const LEGACY = 'https://api.example.com/legacy';
export const TARGET = 'https://api.example.com/orders';
const SECRET = 'the secret of the nightly batch';

export interface AudienceProvider {
  readonly issuer: string;
  readonly client: { readonly id: string; readonly secret: string };
  /** Mints its default audience, legacy, whatever resource is asked for. */
  ignoresResource: boolean;
  /** Signs as the provider does: for tokens that no client gets. */
  sign(claims: JWTPayload): Promise<string>;
  close(): Promise<void>;
}

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

/** A real OpenID Provider on loopback with JWT access tokens: for the resource that is asked for, else for legacy. */
export async function startAudienceProvider(): Promise<AudienceProvider> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = new Provider(issuer, {
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), kid: 'a', alg: 'ES256', use: 'sig' }] },
    clients: [
      {
        client_id: 'nightly-batch',
        client_secret: SECRET,
        grant_types: ['client_credentials'],
        response_types: [],
        redirect_uris: [],
      },
    ],
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    enabledJWA: { idTokenSigningAlgValues: ['ES256'] },
    scopes: ['openid', 'profile', 'orders:read'],
    ttl: { ClientCredentials: 600 },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => LEGACY,
        getResourceServerInfo: (_, resource) => ({
          audience: fixture.ignoresResource ? LEGACY : resource,
          scope: 'orders:read',
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'ES256' } },
        }),
      },
    },
  });
  server.on('request', provider.callback());
  const fixture: AudienceProvider = {
    issuer,
    client: { id: 'nightly-batch', secret: SECRET },
    ignoresResource: false,
    sign: (claims) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: 'ES256', kid: 'a' })
        .setIssuer(issuer)
        .setIssuedAt()
        .setExpirationTime('10m')
        .sign(createPrivateKey(privateKey.export({ format: 'pem', type: 'pkcs8' }))),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return fixture;
}
