import { createHash, createPublicKey, webcrypto, X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { decodeJwt, decodeProtectedHeader, exportJWK, importPKCS8 } from 'jose';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { Agent, fetch as undiciFetch } from 'undici';
import { afterEach, expect, test } from 'vitest';
import { createCertificate } from '../../../sidecar/test/fixture/certificate.ts';
import type { TokenSourceOptions } from '../../src/machine/token-source.ts';
import { audienceOf } from '../fixture/audience-of.ts';
import {
  type ProviderFixture,
  type ProviderFixtureOptions,
  startProvider,
  TARGET_RESOURCE,
} from '../fixture/provider-fixture.ts';
import { tokenSourceFixture } from '../fixture/token-source-fixture.ts';

let provider: ProviderFixture;
let agent: Agent | undefined;
afterEach(async () => {
  await agent?.close();
  agent = undefined;
  await provider.close();
});

async function tokenOf(
  options: ProviderFixtureOptions,
  change: (provider: ProviderFixture) => Partial<TokenSourceOptions>,
) {
  provider = await startProvider(options);
  return tokenSourceFixture(provider, 100, change(provider)).tokens.token();
}

test.each(['client_secret_basic', 'client_secret_post', 'client_secret_jwt'] as const)(
  'a machine authenticates with %s',
  async (method) => {
    const token = await tokenOf({ client: { token_endpoint_auth_method: method } }, ({ clientSecret }) => ({
      clientSecret,
      clientAuthentication: method,
    }));
    expect(audienceOf(token)).toBe(TARGET_RESOURCE);
  },
);

test('a machine authenticates with private_key_jwt, by the key that its kid names', async () => {
  const pairs = await Promise.all(
    ['one', 'two'].map(async (kid) => ({
      kid,
      ...(await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify'])),
    })),
  );
  const keys = await Promise.all(
    pairs.map(async ({ kid, publicKey }) => ({ ...(await exportJWK(publicKey)), kid, alg: 'ES256', use: 'sig' })),
  );
  const [, second] = pairs;
  if (second === undefined) throw new Error('there are two keys');
  const token = await tokenOf(
    { client: { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: keys as never[] } } },
    () => ({ clientKey: { key: second.privateKey, kid: second.kid } }),
  );
  expect(audienceOf(token)).toBe(TARGET_RESOURCE);
});

test('an assertion names the token endpoint, and its key by a certificate, where a provider needs that', async () => {
  const { cert, key } = createCertificate();
  const clientKey = await importPKCS8(key, 'ES256');
  const jwk = await exportJWK(createPublicKey(cert));
  const assertions: string[] = [];
  const send: typeof fetch = (input, init) => {
    if (init?.method === 'POST') assertions.push(new URLSearchParams(String(init.body)).get('client_assertion') ?? '');
    return fetch(input, init);
  };
  const token = await tokenOf(
    { client: { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [{ ...jwk, use: 'sig' }] as never[] } } },
    () => ({ clientKey: { key: clientKey, certificate: cert }, assertionAudience: 'token_endpoint', fetch: send }),
  );
  expect(audienceOf(token)).toBe(TARGET_RESOURCE);
  const [assertion = ''] = assertions;
  expect(decodeJwt(assertion).aud).toBe(`${provider.issuer}/token`);
  expect(decodeProtectedHeader(assertion)).toEqual({
    alg: 'ES256',
    'x5t#S256': createHash('sha256').update(new X509Certificate(cert).raw).digest('base64url'),
  });
});

const server = createCertificate();
const client = createCertificate();
/** Of the certificate that the client presented. */
const certificateOf = ({ req }: KoaContextWithOIDC) => (req.socket as TLSSocket).getPeerX509Certificate();

test('a machine authenticates with its certificate, at the endpoint that the provider has for that', async () => {
  const urls: URL[] = [];
  agent = new Agent({ connect: { ca: server.cert, cert: client.cert, key: client.key } });
  const send = (input: string, init: object) => {
    urls.push(new URL(input));
    return undiciFetch(input, { ...init, ...(agent !== undefined && { dispatcher: agent }) });
  };
  const token = await tokenOf(
    {
      tls: { ...server, requestCert: true, rejectUnauthorized: false },
      discovery: (issuer) => ({
        mtls_endpoint_aliases: { token_endpoint: `${issuer.replace('127.0.0.1', 'localhost')}/token` },
      }),
      client: { token_endpoint_auth_method: 'tls_client_auth', tls_client_auth_san_dns: 'localhost' },
      features: {
        mTLS: {
          enabled: true,
          tlsClientAuth: true,
          certificateBoundAccessTokens: true,
          getCertificate: (context) => certificateOf(context)?.toString(),
          certificateAuthorized: (context) =>
            certificateOf(context)?.fingerprint256 === new X509Certificate(client.cert).fingerprint256,
          certificateSubjectMatches: (context, _, expected) => certificateOf(context)?.checkHost(expected) === expected,
        },
      },
    },
    () => ({ clientAuthentication: 'tls_client_auth', fetch: send as unknown as typeof fetch }),
  );
  expect(audienceOf(token)).toBe(TARGET_RESOURCE);
  expect(urls.map(({ hostname, pathname }) => `${hostname}${pathname}`)).toEqual([
    '127.0.0.1/.well-known/openid-configuration',
    'localhost/token',
  ]);
});
