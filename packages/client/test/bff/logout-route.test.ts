import { UnavailableError } from '@crossfade/core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { BffOptions } from '../../src/bff/bff.ts';
import { createMemorySessionStore } from '../../src/session/memory-session-store.ts';
import { APP, type BffFixture, CALLBACK, startBff } from '../fixture/bff-fixture.ts';
import type { Browser } from '../fixture/browser.ts';
import { issuanceFixture } from '../fixture/issuance-fixture.ts';
import { type ProviderFixture, startProvider } from '../fixture/provider-fixture.ts';

const FORM = { method: 'POST', headers: { 'sec-fetch-site': 'same-origin' } };

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
  expect((await browser.visit(`${APP}/auth/login`)).text).toBe('signed in: alice');
  return browser;
}

const cookieOf = (browser: Browser) => [...browser.cookies(APP)].map(([name, value]) => `${name}=${value}`).join('; ');
const userOf = (cookie: string) => app.bff.user(new Request(APP, { headers: { cookie } }));

test('a logout ends the session, revokes its tokens, and goes on to the provider', async () => {
  const browser = await loggedIn();
  const before = cookieOf(browser);
  const shown = await browser.visit(`${APP}/auth/logout`, { ...FORM, stopAt: (url) => url.origin === provider.issuer });
  const location = new URL(shown.headers.get('location') ?? '');
  expect([shown.status, location.origin, location.searchParams.get('post_logout_redirect_uri')]).toEqual([
    303,
    provider.issuer,
    `${APP}/`,
  ]);
  expect(await userOf(before)).toBeUndefined();
  expect(browser.cookies(APP).has('__Host-crossfade-session')).toBe(false);
  expect(provider.paths.filter((path) => path === '/token/revocation')).toHaveLength(2);
  expect(app.events.filter(({ type }) => type === 'logout')).toEqual([{ type: 'logout', by: 'user' }]);
});

test('users who sign in and out many times a minute are in no loop', async () => {
  const browser = app.browser();
  for (let round = 0; round < 12; round += 1) {
    expect((await browser.visit(`${APP}/auth/login`)).text).toBe('signed in: alice');
    await browser.visit(`${APP}/auth/logout`, { ...FORM, stopAt: () => true });
  }
});

test('the provider takes the logout, and its page leads back to the application', async () => {
  const browser = await loggedIn();
  const shown = await browser.visit(`${APP}/auth/logout`, FORM);
  expect([shown.url.origin, shown.status]).toEqual([provider.issuer, 200]);
  expect(shown.text).toContain('<form');
});

test('a script that wants JSON gets the URL to go to', async () => {
  const browser = await loggedIn();
  const headers = { 'sec-fetch-site': 'same-origin', accept: 'application/json' };
  const shown = await browser.visit(`${APP}/auth/logout`, { method: 'POST', headers });
  expect(shown.status).toBe(200);
  expect((JSON.parse(shown.text) as { location: string }).location).toContain(`${provider.issuer}/session/end`);
});

test('a logout without a session ends in a page that says so', async () => {
  const shown = await app.browser().visit(`${APP}/auth/logout`, FORM);
  expect([shown.status, /<small>(\w+)</.exec(shown.text)?.[1]]).toEqual([200, 'signed_out']);
});

test('a logout works while the provider is down', async () => {
  const browser = await loggedIn();
  const before = cookieOf(browser);
  provider.fault = (response) => response.writeHead(503).end();
  const shown = await browser.visit(`${APP}/auth/logout`, { ...FORM, stopAt: () => true });
  expect([200, 303]).toContain(shown.status);
  expect(await userOf(before)).toBeUndefined();
});

test('a logout waits two seconds at most for a provider that hangs', async () => {
  const browser = await loggedIn();
  provider.fault = () => {};
  const startedAt = performance.now();
  const shown = await browser.visit(`${APP}/auth/logout`, { ...FORM, stopAt: () => true });
  expect(performance.now() - startedAt).toBeLessThan(4000);
  expect([200, 303]).toContain(shown.status);
});

test('a store that is down is never a logout: the page says so, and leads to the next try', async () => {
  await app.close();
  const real = createMemorySessionStore();
  let isDown = false;
  const get: typeof real.get = async (key) => {
    if (isDown) throw new UnavailableError('the session store cannot be reached');
    return real.get(key);
  };
  app = await start({ store: { ...real, get } });
  const browser = await loggedIn();
  isDown = true;
  const shown = await browser.visit(`${APP}/auth/logout`, FORM);
  expect([shown.status, /<small>(\w+)</.exec(shown.text)?.[1]]).toEqual([503, 'unavailable']);
  expect(shown.text).toContain('<a href="/auth/logout">');
  expect(browser.cookies(APP).has('__Host-crossfade-session')).toBe(true);
  isDown = false;
  expect((await browser.visit(`${APP}/`)).text).toBe('signed in: alice');
});

test('a GET shows a page whose button logs out', async () => {
  const browser = await loggedIn();
  const shown = await browser.visit(`${APP}/auth/logout`);
  expect(shown.text).toContain('<form method="post" action="/auth/logout"><button type="submit">');
  // A form with `no-referrer` would send `Origin: null`.
  expect(shown.headers.get('referrer-policy')).toBe('same-origin');
  expect((await browser.visit(`${APP}/`)).text).toBe('signed in: alice');
});

test.each([
  ['a browser', { 'sec-fetch-site': 'same-origin' }],
  ['a browser without Sec-Fetch-Site', { origin: APP }],
  ['a program', { 'crossfade-csrf': '1' }],
])('a logout comes from the application itself: %s', async (_, headers) => {
  const cookie = cookieOf(await loggedIn());
  const request = new Request(`${APP}/auth/logout`, { method: 'POST', headers: { cookie, ...headers } });
  expect((await app.bff.handle(request))?.status).toBe(303);
  expect(await userOf(cookie)).toBeUndefined();
});
