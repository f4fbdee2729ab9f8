import { afterEach, beforeEach, expect, test } from 'vitest';
import type { BffOptions } from '../../src/bff/bff.ts';
import { LoginRequiredError } from '../../src/provider/errors.ts';
import { APP, type BffFixture, CALLBACK, startBff } from '../fixture/bff-fixture.ts';
import type { Browser } from '../fixture/browser.ts';
import { issuanceFixture } from '../fixture/issuance-fixture.ts';
import { type ProviderFixture, startProvider } from '../fixture/provider-fixture.ts';

let provider: ProviderFixture;
let app: BffFixture;
beforeEach(async () => {
  provider = await startProvider({ redirectUri: CALLBACK });
  app = await start();
});
afterEach(async () => {
  await app.close();
  await provider.close();
});

function start(options: Partial<BffOptions> = {}): Promise<BffFixture> {
  const { issuer, clientId, clientSecret } = provider;
  const { selector } = issuanceFixture();
  return startBff({ issuer, clientId, clientSecret, selector, publicUrl: APP, ...options } as BffOptions);
}

async function loggedIn(): Promise<Browser> {
  const browser = app.browser();
  await browser.visit(`${APP}/auth/login`);
  return browser;
}

function requestOf(browser: Browser): Request {
  const cookie = [...browser.cookies(APP)].map(([name, value]) => `${name}=${value}`).join('; ');
  return new Request(`${APP}/orders`, { headers: { cookie } });
}

test('the user of a session is its subject, the listed claims of its ID token, and its side', async () => {
  await app.close();
  app = await start({ user: { claims: ['sub', 'aud', 'email'] } });
  const shown = await (await loggedIn()).visit(`${APP}/auth/user`);
  expect(JSON.parse(shown.text)).toEqual({
    subject: 'alice',
    claims: { sub: 'alice', aud: 'web-app' },
    side: 'legacy',
  });
  expect([shown.status, shown.headers.get('content-type'), shown.headers.get('cache-control')]).toEqual([
    200,
    'application/json',
    'no-store',
  ]);
  expect(shown.headers.has('access-control-allow-origin')).toBe(false);
});

test('without a session the user is a problem that names where to log in', async () => {
  const shown = await app.browser().visit(`${APP}/auth/user`);
  expect([shown.status, shown.headers.get('content-type')]).toEqual([401, 'application/problem+json']);
  expect(JSON.parse(shown.text)).toMatchObject({ status: 401, code: 'login_required', login: '/auth/login' });
});

test('on request the claims come from the userinfo endpoint, and from the ID token while that does not respond', async () => {
  await app.close();
  app = await start({ user: { claims: ['sub'], userinfo: true } });
  const browser = await loggedIn();
  expect(JSON.parse((await browser.visit(`${APP}/auth/user`)).text)).toMatchObject({ claims: { sub: 'alice' } });
  expect(provider.paths.filter((path) => path === '/me')).toHaveLength(1);
  provider.fault = (response) => response.writeHead(503).end();
  const shown = await browser.visit(`${APP}/auth/user`);
  expect([shown.status, JSON.parse(shown.text)]).toMatchObject([200, { claims: { sub: 'alice' } }]);
});

test('claims of another user are refused', async () => {
  await app.close();
  app = await start({ user: { userinfo: true } });
  const browser = await loggedIn();
  provider.fault = (response) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ sub: 'mallory' }));
  const shown = await browser.visit(`${APP}/auth/user`);
  expect([shown.status, shown.text.includes('mallory')]).toEqual([502, false]);
});

test('the application reads the user and a token of its own requests', async () => {
  const request = requestOf(await loggedIn());
  expect(await app.bff.user(request)).toEqual({ subject: 'alice', claims: { sub: 'alice' }, side: 'legacy' });
  const token = await app.bff.token(request);
  expect(token.length).toBeGreaterThan(20);
  expect(await app.bff.token(request)).toBe(token);
  expect(await app.bff.token(request, { not: token })).not.toBe(token);
  const stranger = new Request(`${APP}/orders`);
  expect(await app.bff.user(stranger)).toBeUndefined();
  await expect(app.bff.token(stranger)).rejects.toThrow(LoginRequiredError);
});
