import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { calculateJwkThumbprint, decodeJwt, decodeProtectedHeader, type JWK } from 'jose';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { BffOptions } from '../../../src/bff/bff.ts';
import { LoginRequiredError } from '../../../src/provider/errors.ts';
import { APP, type BffFixture, CALLBACK, startBff } from '../../fixture/bff-fixture.ts';
import type { Browser } from '../../fixture/browser.ts';
import { issuanceFixture } from '../../fixture/issuance-fixture.ts';
import { type JsonServer, startJsonServer } from '../../fixture/json-server.ts';
import { type ProviderFixture, startProvider } from '../../fixture/provider-fixture.ts';
import { failure } from '../../fixture/sign-in.ts';

const SAME_ORIGIN = { 'sec-fetch-site': 'same-origin' };

let provider: ProviderFixture;
let api: JsonServer;
let app: BffFixture;
let browser: Browser;
beforeEach(async () => {
  provider = await startProvider({ redirectUri: CALLBACK, features: { dPoP: { enabled: true } } });
  api = await startJsonServer();
});
afterEach(async () => {
  await app.close();
  await api.close();
  await provider.close();
});

async function signedIn(options: Partial<BffOptions> = {}): Promise<void> {
  const { issuer, clientId, clientSecret } = provider;
  const { selector } = issuanceFixture();
  const common = { issuer, clientId, clientSecret, selector, publicUrl: APP, api: { '/api/': api.url } };
  app = await startBff({ ...common, ...options } as BffOptions);
  browser = app.browser();
  expect((await browser.visit(`${APP}/auth/login`)).text).toBe('signed in: alice');
}

const cookie = () => [...browser.cookies(APP)].map(([name, value]) => `${name}=${value}`).join('; ');
const request = (path = '/', init: RequestInit = {}) =>
  new Request(`${APP}${path}`, { ...init, headers: { cookie: cookie(), ...SAME_ORIGIN, ...init.headers } });

/** An API that takes only bound tokens, with a proof that has its nonce. */
function boundApi(seen: string[]): JsonServer['routes'] {
  return {
    '/orders': ({ headers, method }, response) => {
      const proof = String(headers['dpop']);
      const { nonce, ath, htm, htu } = decodeJwt(proof);
      const token = /^DPoP (.+)$/.exec(headers.authorization ?? '')?.[1] ?? '';
      const hash = createHash('sha256').update(token).digest('base64url');
      expect([ath, htm, htu]).toEqual([hash, method, `${api.url}/orders`]);
      seen.push(token);
      if (nonce !== 'n') {
        response.setHeader('dpop-nonce', 'n').setHeader('www-authenticate', 'DPoP error="use_dpop_nonce"');
        return void response.writeHead(401).end();
      }
      const { jwk } = decodeProtectedHeader(proof);
      void calculateJwkThumbprint(jwk as JWK).then((jkt) => {
        const isBound = (decodeJwt(token)['cnf'] as { jkt?: string } | undefined)?.jkt === jkt;
        response.writeHead(isBound ? 200 : 403, { 'dpop-nonce': 'n' }).end();
      });
    },
  };
}

test.each(['the proxy', 'bff.fetch'])('a bound token goes to an API with a proof, and its nonce: %s', async (way) => {
  await signedIn({ dpop: true });
  const seen: string[] = [];
  api.routes = boundApi(seen);
  const call = async () => {
    const init = { method: 'POST', body: '{}', headers: { 'content-length': '2' } };
    if (way === 'the proxy') return app.bff.handle(request('/api/orders', init));
    return app.bff.fetch(request(), `${api.url}/orders`, { method: 'POST', body: '{}' });
  };
  const first = await call();
  expect([first?.status, seen.length]).toEqual([200, 2]);
  // With the nonce that is known by now.
  expect([(await call())?.status, seen.length]).toEqual([200, 3]);
  if (way === 'the proxy') expect(first?.headers.has('dpop-nonce')).toBe(false);
});

test('bff.fetch gets another token after a 401, and rejects without a session', async () => {
  await signedIn();
  const tokens: (string | undefined)[] = [];
  api.routes = {
    '/orders': ({ headers }, response) => {
      tokens.push(headers.authorization);
      response.writeHead(tokens.length === 1 ? 401 : 200).end();
    },
  };
  expect((await app.bff.fetch(request(), `${api.url}/orders`)).status).toBe(200);
  expect(new Set(tokens).size).toBe(2);
  expect(await app.bff.token(request())).toBe(tokens[1]?.replace('Bearer ', ''));
  expect(await failure(app.bff.fetch(new Request(APP), `${api.url}/orders`))).toBeInstanceOf(LoginRequiredError);
});

test('a fetch of the application sends the requests to APIs, and what it decodes has no wrong length', async () => {
  const sent: string[] = [];
  const apiFetch: typeof fetch = (input, init) => {
    sent.push(`${init?.method ?? 'GET'} ${String(input)}`);
    return fetch(input, init);
  };
  await signedIn({ apiFetch });
  api.routes = {
    '/orders': ({ headers }, response) => {
      expect(headers['accept-encoding']).toBe('identity');
      const body = gzipSync('{"a":1}');
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': body.byteLength }).end(body);
    },
    '/moved': (_, response) => void response.writeHead(302, { location: '/orders' }).end(),
  };
  const response = await app.bff.handle(request('/api/orders', { headers: { 'accept-encoding': 'br' } }));
  expect([response?.headers.get('content-encoding'), response?.headers.get('content-length')]).toEqual([null, null]);
  expect(await response?.text()).toBe('{"a":1}');
  expect((await app.bff.handle(request('/api/moved')))?.status).toBe(302);
  const init = { method: 'PUT', body: new Blob(['x'.repeat(70_000)]).stream(), duplex: 'half' } as RequestInit;
  await app.bff.handle(request('/api/stored', init));
  await app.bff.fetch(request(), `${api.url}/mine`);
  expect(sent.map((line) => line.replace(api.url, ''))).toEqual([
    'GET /orders',
    'GET /moved',
    'PUT /stored',
    'GET /mine',
  ]);
});

test('a request to an API needs a session that is still there', async () => {
  await signedIn();
  const before = request('/api/orders');
  await app.bff.handle(request('/auth/logout', { method: 'POST' }));
  expect((await app.bff.handle(before))?.status).toBe(401);
  expect(api.requests).toEqual([]);
});
