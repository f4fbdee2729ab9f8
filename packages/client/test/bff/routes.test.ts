import { afterEach, beforeEach, expect, test } from 'vitest';
import type { BffOptions } from '../../src/bff/bff.ts';
import { APP, type BffFixture, CALLBACK, startBff } from '../fixture/bff-fixture.ts';
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

async function restart(options: Partial<BffOptions>): Promise<void> {
  await app.close();
  app = await start(options);
}

const get = (path: string, init?: RequestInit) => app.bff.handle(new Request(`http://10.0.0.7:3000${path}`, init));
/** Where a login sends the browser. */
async function authorization(path: string): Promise<URLSearchParams> {
  const response = await get(path);
  return new URL(response?.headers.get('location') ?? '').searchParams;
}

test('requests that are not below the prefix are the application’s own', async () => {
  for (const path of ['/', '/authors', '/AUTH/login', '/app/auth/login']) expect(await get(path)).toBeUndefined();
  for (const path of ['/auth', '/auth/', '/auth/nothing', '/auth/login/', '/auth/__proto__', '/auth/issuance']) {
    expect((await get(path))?.status).toBe(404);
  }
});

test('a method that a route has not is refused, with those that it has', async () => {
  const posted = await get('/auth/user', { method: 'POST' });
  expect([posted?.status, posted?.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  const put = await get('/auth/logout', { method: 'PUT' });
  expect([put?.status, put?.headers.get('allow')]).toEqual([405, 'GET, HEAD, POST']);
});

test('a HEAD has the headers of a GET, and no body', async () => {
  const response = await get('/auth/user', { method: 'HEAD' });
  expect([response?.status, response?.headers.get('content-type')]).toEqual([401, 'application/problem+json']);
  expect(await response?.text()).toBe('');
});

test('the prefix can be another one', async () => {
  await restart({ prefix: '/bff/session' });
  const response = await get('/bff/session/login');
  const location = new URL(response?.headers.get('location') ?? '');
  expect(location.searchParams.get('redirect_uri')).toBe(`${APP}/bff/session/callback`);
  expect(await get('/auth/login')).toBeUndefined();
});

test('a login passes on what its link asks for, and what the application adds comes first', async () => {
  const link =
    '/auth/login?prompt=login&login_hint=bob%40example.com&acr_values=phr&max_age=60&scope=admin&ui_locales=x';
  const asked = await authorization(link);
  expect(Object.fromEntries(asked)).toMatchObject({
    prompt: 'login',
    login_hint: 'bob@example.com',
    acr_values: 'phr',
    max_age: '60',
    scope: 'openid offline_access profile:read',
  });
  expect(asked.has('ui_locales')).toBe(false);
  await restart({ login: () => ({ acrValues: 'phrh', parameters: { ui_locales: 'de' } }) });
  const added = await authorization(link);
  expect([added.get('acr_values'), added.get('ui_locales')]).toEqual(['phrh', 'de']);
});

test.each([
  'prompt=none',
  'prompt=login&prompt=none',
  'prompt=',
  'max_age=-1',
  'max_age=1e9',
  'max_age=1&max_age=2',
  `login_hint=${'x'.repeat(400)}`,
  'login_hint=a%00b',
  'acr_values=%0a',
])('a link with %s is refused by a page that names the parameter, and shows no value', async (query) => {
  const response = await get(`/auth/login?${query}`);
  const text = (await response?.text()) ?? '';
  expect([response?.status, /<small>(\w+)</.exec(text)?.[1]]).toEqual([400, query.split('=')[0]]);
  expect(text).toContain('<a href="/auth/login">');
});

test('the key of the selector is the application’s, else stays with the browser', async () => {
  const browser = app.browser();
  await browser.visit(`${APP}/auth/login`);
  const device = browser.cookies(APP).get('__Host-crossfade-device');
  expect(device).toMatch(/^[\w-]{22}$/);
  await browser.visit(`${APP}/auth/logout`, { method: 'POST', stopAt: () => true });
  await browser.visit(`${APP}/auth/login`);
  expect(browser.cookies(APP).get('__Host-crossfade-device')).toBe(device);
  await restart({ key: (request) => new URL(request.url).searchParams.get('tenant') ?? undefined });
  const other = app.browser();
  await other.visit(`${APP}/auth/login?tenant=acme`);
  expect(other.cookies(APP).has('__Host-crossfade-device')).toBe(false);
});

test('the position of the switch is published with an ETag, for pages of any origin', async () => {
  let percent = 25;
  await restart({ issuance: () => ({ enabled: true, percent, revision: '7', sinceMs: 5 }) as never });
  const first = await get('/auth/issuance');
  expect(await first?.json()).toEqual({ enabled: true, percent: 25, revision: '7', stale: false });
  const etag = first?.headers.get('etag') ?? '';
  expect(first?.headers.get('cache-control')).toBe('no-cache');
  expect(first?.headers.get('access-control-allow-origin')).toBe('*');
  const again = await get('/auth/issuance', { headers: { 'if-none-match': `"x", W/${etag}` } });
  expect([again?.status, await again?.text()]).toEqual([304, '']);
  percent = 50;
  expect((await get('/auth/issuance', { headers: { 'if-none-match': etag } }))?.status).toBe(200);
});

test('a switch that cannot be read is no position: readers keep the last one', async () => {
  await restart({
    issuance: () => {
      throw new Error('the switch is broken');
    },
  });
  expect((await get('/auth/issuance'))?.status).toBe(503);
  await restart({ issuance: () => ({ enabled: true, percent: 250, revision: null }) });
  expect((await get('/auth/issuance'))?.status).toBe(503);
});

test('an unexpected error is a page without details, and an event without its message', async () => {
  await restart({
    key: () => {
      throw new Error('secret-value');
    },
  });
  const browser = app.browser();
  const shown = await browser.visit(`${APP}/auth/login`);
  expect([shown.status, /<small>(\w+)</.exec(shown.text)?.[1]]).toEqual([500, 'unexpected_error']);
  const api = await get('/auth/login');
  expect([api?.status, api?.headers.get('content-type')]).toEqual([500, 'application/problem+json']);
  const events = app.events.filter(({ type }) => type === 'unexpected_error');
  expect(events).toMatchObject([{ name: 'Error' }, { name: 'Error' }]);
  expect(JSON.stringify(events)).toContain('login-route');
  expect(JSON.stringify([events, shown.text, await api?.text()])).not.toContain('secret-value');
});

test('an error of our own tells the operator what to correct', async () => {
  const other = provider.issuer.replace('127.0.0.1', 'localhost');
  await restart({ issuer: other });
  expect((await get('/auth/login'))?.status).toBe(500);
  const [event] = app.events.filter(({ type }) => type === 'unexpected_error');
  expect(event).toMatchObject({ name: 'ConfigError', message: expect.stringContaining('issuer') });
});

test('a renderer of the application that throws gives way to the default page', async () => {
  await restart({
    page: () => {
      throw new Error('no template');
    },
  });
  const shown = await app.browser().visit(`${APP}/auth/callback?code=x&state=y`);
  expect([shown.status, /<small>(\w+)</.exec(shown.text)?.[1]]).toEqual([400, 'state']);
  expect(app.events.filter(({ type }) => type === 'unexpected_error')).toHaveLength(1);
});
