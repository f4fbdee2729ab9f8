import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type CompactJWSHeaderParameters,
  CompactSign,
  type CryptoKey,
  exportJWK,
  generateKeyPair,
  type JWK,
} from 'jose';

/** The key pair of an issuer. */
export interface SigningKey {
  readonly kid: string | undefined;
  readonly alg: string;
  readonly privateKey: CryptoKey;
  readonly publicJwk: JWK;
}

export async function createSigningKey(options: { kid?: string; alg?: string } = {}): Promise<SigningKey> {
  const { kid, alg = 'ES256' } = options;
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  const publicJwk = { ...(await exportJWK(publicKey)), ...(kid === undefined ? {} : { kid }), alg, use: 'sig' };
  return { kid, alg, privateKey, publicJwk };
}

/** Signs claims, bytes or text unchanged: adds nothing, not even `exp`. */
export async function sign(
  claims: Record<string, unknown> | string | Uint8Array,
  key: SigningKey,
  header: Record<string, unknown> = {},
): Promise<string> {
  const text = typeof claims === 'string' || claims instanceof Uint8Array ? claims : JSON.stringify(claims);
  const payload = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  const protectedHeader = { alg: key.alg, ...(key.kid === undefined ? {} : { kid: key.kid }), typ: 'JWT', ...header };
  return new CompactSign(payload)
    .setProtectedHeader(JSON.parse(JSON.stringify(protectedHeader)) as CompactJWSHeaderParameters)
    .sign(key.privateKey);
}

/** How the issuer responds at one path: with JSON, and 304 to a request that names its `etag`, or with a status. */
export type TestResponse =
  | { readonly json: unknown; readonly headers?: Readonly<Record<string, string>> }
  | { readonly status: number; readonly body?: string }
  | 'hang';

export interface TestIssuer {
  readonly url: string;
  readonly jwksUrl: URL;
  /** Requested paths, in order. */
  readonly requests: string[];
  /** The headers of those requests. */
  readonly requestHeaders: IncomingHttpHeaders[];
  /** Responses by path; any other path is 404. */
  readonly responses: Map<string, TestResponse>;
  publish(...keys: readonly SigningKey[]): void;
  close(): Promise<void>;
}

/** An issuer on loopback that publishes OpenID Connect metadata and a key set. */
export async function startIssuer(...keys: readonly SigningKey[]): Promise<TestIssuer> {
  const requests: string[] = [];
  const requestHeaders: IncomingHttpHeaders[] = [];
  const responses = new Map<string, TestResponse>();
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    requests.push(path);
    requestHeaders.push(request.headers);
    const prepared = responses.get(path) ?? { status: 404 };
    if (prepared === 'hang') return undefined;
    const isJson = 'json' in prepared;
    const headers = { 'content-type': isJson ? 'application/json' : 'text/html', ...(isJson ? prepared.headers : {}) };
    const etag = isJson ? prepared.headers?.['etag'] : undefined;
    if (etag !== undefined && request.headers['if-none-match'] === etag) return response.writeHead(304, headers).end();
    response.writeHead(isJson ? 200 : prepared.status, headers);
    return response.end(isJson ? JSON.stringify(prepared.json) : prepared.body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const issuer: TestIssuer = {
    url,
    jwksUrl: new URL(`${url}/jwks`),
    requests,
    requestHeaders,
    responses,
    publish(...published) {
      responses.set('/jwks', { json: { keys: published.map((key) => key.publicJwk) } });
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  responses.set('/.well-known/openid-configuration', { json: { issuer: url, jwks_uri: `${url}/jwks` } });
  issuer.publish(...keys);
  return issuer;
}
