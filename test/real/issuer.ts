import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { startLoopbackServer } from './loopback-server.ts';

export const LEGACY = 'default-api';
export const TARGET = 'https://api.example.com/orders';

/** Changes to the claims of an ordinary token; an undefined claim is left out. */
type Claims = Readonly<Record<string, unknown>>;

/** An issuer on loopback, with a new key and real metadata. */
export interface Issuer {
  readonly url: string;
  /** Mints an access token for an hour; `claims` override the defaults. */
  mint(audience: string, claims?: Claims): Promise<string>;
  /** Mints the same token, signed with a foreign key. */
  forge(audience: string, claims?: Claims): Promise<string>;
  /** Stops the server. */
  close(): Promise<void>;
}

export async function startIssuer(): Promise<Issuer> {
  const [own, foreign] = await Promise.all([generateKeyPair('ES256'), generateKeyPair('ES256')]);
  const kid = crypto.randomUUID();
  const jwk = { ...(await exportJWK(own.publicKey)), kid, alg: 'ES256', use: 'sig' };
  const server = await startLoopbackServer((request, response) => {
    response.setHeader('content-type', 'application/json');
    if (request.url === '/jwks') return response.end(JSON.stringify({ keys: [jwk] }));
    if (request.url !== '/.well-known/openid-configuration') return response.writeHead(404).end();
    return response.end(JSON.stringify({ issuer: server.url, jwks_uri: `${server.url}/jwks` }));
  });
  const sign = (key: typeof own.privateKey, audience: string, claims: Claims) => {
    const iat = Math.floor(Date.now() / 1000);
    const identity = { sub: 'alice', client_id: 'web-app', scope: 'openid orders:read' };
    const ordinary = { iss: server.url, iat, exp: iat + 3600, jti: crypto.randomUUID(), ...identity };
    return new SignJWT({ ...ordinary, ...claims })
      .setProtectedHeader({ alg: 'ES256', kid, typ: 'at+jwt' })
      .setAudience(audience)
      .sign(key);
  };
  return {
    url: server.url,
    mint: (audience, claims = {}) => sign(own.privateKey, audience, claims),
    forge: (audience, claims = {}) => sign(foreign.privateKey, audience, claims),
    close: () => server.close(),
  };
}
