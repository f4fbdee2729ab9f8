import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { BffOptions } from '../../src/bff/bff.ts';
import { createMemorySessionStore } from '../../src/session/memory-session-store.ts';
import { audienceOf } from '../fixture/audience-of.ts';
import { APP, type BffFixture, CALLBACK, startBff } from '../fixture/bff-fixture.ts';
import type { Browser } from '../fixture/browser.ts';
import { issuanceFixture } from '../fixture/issuance-fixture.ts';
import { LEGACY_AUDIENCE, type ProviderFixture, startProvider, TARGET_RESOURCE } from '../fixture/provider-fixture.ts';

const SESSION = '__Host-crossfade-session';
const MINUTE_MS = 60_000;

let provider: ProviderFixture;
let app: BffFixture;
let browser: Browser;
let clock: { ms: number };
const issuance = issuanceFixture({ refresh: 'reauthenticate' });

beforeEach(async () => {
  Object.assign(issuance, { percent: 0, revision: '1', stale: false, broken: false });
  clock = { ms: Date.now() };
  provider = await startProvider({ redirectUri: CALLBACK });
  app = await startBff(options());
  browser = app.browser();
  await browser.visit(`${APP}/auth/login`);
});
afterEach(async () => {
  await app.close();
  await provider.close();
});

function options(change: Partial<BffOptions> = {}): BffOptions {
  const { issuer, clientId, clientSecret } = provider;
  const { selector } = issuance;
  return { issuer, clientId, clientSecret, selector, publicUrl: APP, now: () => clock.ms, ...change } as BffOptions;
}

async function restart(change: Partial<BffOptions>): Promise<void> {
  await app.close();
  app = await startBff(options(change));
  browser = app.browser();
  await browser.visit(`${APP}/auth/login`);
}

/** Moves the flag, and lets the spread go by. */
async function flipTo(percent: number, revision: string): Promise<void> {
  Object.assign(issuance, { percent, revision });
  await browser.visit(`${APP}/first-seen`);
  clock.ms += 15 * MINUTE_MS;
}

/** The audience of the token that the application has for the browser. */
async function audience(): Promise<unknown> {
  const cookie = [...browser.cookies(APP)].map(([name, value]) => `${name}=${value}`).join('; ');
  return audienceOf(await app.bff.token(new Request(`${APP}/`, { headers: { cookie } })));
}

const silentLogins = () => browser.history.filter((url) => new URL(url).searchParams.get('prompt') === 'none').length;

test('a session moves on a navigation, without a page, and the user lands where they wanted to go', async () => {
  expect(await audience()).toBe(LEGACY_AUDIENCE);
  const cookie = browser.cookies(APP).get(SESSION);
  await flipTo(100, '2');
  const shown = await browser.visit(`${APP}/orders?page=2`);
  expect([shown.url.href, shown.text]).toEqual([`${APP}/orders?page=2`, 'signed in: alice']);
  expect(await audience()).toBe(TARGET_RESOURCE);
  expect(app.outcomes()).toEqual({ started: 1, succeeded: 1, moved: 1 });
  expect(browser.cookies(APP).get(SESSION)).toBe(cookie);
  expect(silentLogins()).toBe(1);
});

test('a moved session stays, and refreshes on target', async () => {
  await flipTo(100, '2');
  await browser.visit(`${APP}/`);
  clock.ms += 10 * MINUTE_MS;
  expect(await audience()).toBe(TARGET_RESOURCE);
  await browser.visit(`${APP}/`);
  expect(silentLogins()).toBe(1);
});

test.each([
  ['a request of a script', { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }],
  ['a frame', { 'sec-fetch-dest': 'iframe' }],
  ['a browser that does not say', { 'sec-fetch-mode': '', 'sec-fetch-dest': '' }],
  ['a prefetch', { 'sec-purpose': 'prefetch;prerender' }],
])('%s is not sent away', async (_, headers) => {
  await flipTo(100, '2');
  expect((await browser.visit(`${APP}/orders`, { headers })).text).toBe('signed in: alice');
  expect(silentLogins()).toBe(0);
});

test('a form is not sent away', async () => {
  await flipTo(100, '2');
  expect((await browser.visit(`${APP}/orders`, { method: 'POST', body: 'a=b' })).status).toBe(200);
  expect(silentLogins()).toBe(0);
});

test('a rollback moves no session: it stays on target', async () => {
  await flipTo(100, '2');
  await browser.visit(`${APP}/`);
  await flipTo(0, '3');
  await browser.visit(`${APP}/`);
  expect([silentLogins(), await audience()]).toEqual([1, TARGET_RESOURCE]);
});

test.each([{ stale: true }, { broken: true }])('a position that is not fresh moves no session: %j', async (change) => {
  await flipTo(100, '2');
  Object.assign(issuance, change);
  await browser.visit(`${APP}/`);
  expect(silentLogins()).toBe(0);
});

test('a user who is not logged in at the provider keeps the session, and is asked once a revision', async () => {
  await flipTo(100, '2');
  browser.cookies(provider.issuer).clear();
  for (const path of ['/orders', '/orders', '/other']) {
    expect((await browser.visit(`${APP}${path}`)).text).toBe('signed in: alice');
  }
  expect([silentLogins(), await audience()]).toEqual([1, LEGACY_AUDIENCE]);
  expect(app.outcomes()).toEqual({ started: 1, succeeded: 1, not_moved: 1 });
  await flipTo(100, '3');
  await browser.visit(`${APP}/orders`);
  expect(silentLogins()).toBe(2);
});

test('another user at the provider does not become the user of the session', async () => {
  provider.user = 'bob';
  const other = app.browser();
  await other.visit(`${APP}/auth/login`);
  browser.cookies(provider.issuer).clear();
  for (const [name, value] of other.cookies(provider.issuer)) browser.cookies(provider.issuer).set(name, value);
  await flipTo(100, '2');
  expect((await browser.visit(`${APP}/orders`)).text).toBe('signed in: alice');
  expect([silentLogins(), await audience()]).toEqual([1, LEGACY_AUDIENCE]);
  expect(app.outcomes()).toMatchObject({ not_moved: 1 });
});

test('of two tabs one is sent, and a logout meanwhile stays one', async () => {
  await flipTo(100, '2');
  const stopAt = (url: URL) => url.origin === new URL(provider.issuer).origin;
  const shown = await Promise.all([browser.visit(`${APP}/a`, { stopAt }), browser.visit(`${APP}/b`, { stopAt })]);
  expect(shown.map(({ status }) => status).sort()).toEqual([200, 303]);
  const started = shown.find(({ status }) => status === 303)?.headers.get('location') ?? '';
  await browser.visit(`${APP}/auth/logout`, { method: 'POST', headers: { 'sec-fetch-site': 'same-origin' }, stopAt });
  expect((await browser.visit(started)).text).toBe('signed out');
  expect(app.outcomes()).toMatchObject({ not_moved: 1 });
});

test('while the provider hangs, a navigation waits a second at most, and shows the application', async () => {
  await flipTo(100, '2');
  provider.fault = () => {};
  const startedAtMs = performance.now();
  expect((await browser.visit(`${APP}/orders`)).text).toBe('signed in: alice');
  expect(performance.now() - startedAtMs).toBeLessThan(5000);
  const laterMs = performance.now();
  expect((await browser.visit(`${APP}/orders`)).text).toBe('signed in: alice');
  expect(performance.now() - laterMs).toBeLessThan(900);
  expect(silentLogins()).toBe(0);
  provider.fault = undefined;
  clock.ms += MINUTE_MS;
  await browser.visit(`${APP}/orders`);
  expect([silentLogins(), await audience()]).toEqual([1, TARGET_RESOURCE]);
});

test('a provider that fails between the redirect and the callback costs nothing', async () => {
  await flipTo(100, '2');
  const shown = await browser.visit(`${APP}/orders`, { stopAt: (url) => url.pathname === '/auth/callback' });
  provider.fault = (response: ServerResponse) => response.writeHead(503).end();
  const landed = await browser.visit(shown.headers.get('location') ?? '');
  expect([landed.url.href, landed.text]).toEqual([`${APP}/orders`, 'signed in: alice']);
  expect(app.outcomes()).toMatchObject({ not_moved: 1 });
});

test('a provider that refuses target is not asked by each session', async () => {
  provider.refusesTarget = true;
  await flipTo(100, '2');
  expect((await browser.visit(`${APP}/orders`)).text).toBe('signed in: alice');
  const other = app.browser();
  await other.visit(`${APP}/auth/login?returnTo=/`);
  expect([silentLogins(), await audience()]).toEqual([1, LEGACY_AUDIENCE]);
  expect(app.outcomes()).toMatchObject({ not_moved: 1 });
});

test('where it is switched off, or the selector keeps sessions, no navigation is sent away', async () => {
  await restart({ silentLogin: false });
  await flipTo(100, '2');
  await browser.visit(`${APP}/`);
  expect(silentLogins()).toBe(0);
  Object.assign(issuance, { percent: 0, revision: '3' });
  const keeping = issuanceFixture({ refresh: 'keep' });
  await restart({ selector: keeping.selector });
  Object.assign(keeping, { percent: 100, revision: '4' });
  await browser.visit(`${APP}/`);
  clock.ms += 15 * MINUTE_MS;
  await browser.visit(`${APP}/`);
  expect([silentLogins(), await audience()]).toEqual([0, LEGACY_AUDIENCE]);
});

test('the logins of many sessions are spread over the time that the options give', async () => {
  await restart({ silentLogin: { spread: '10m' }, store: createMemorySessionStore({ now: () => clock.ms }) });
  const browsers = [browser, ...Array.from({ length: 19 }, () => app.browser())];
  for (const one of browsers.slice(1)) await one.visit(`${APP}/auth/login`);
  Object.assign(issuance, { percent: 100, revision: '2' });
  const moved: number[] = [];
  for (let minute = 0; minute <= 10; minute += 2) {
    for (const one of browsers) await one.visit(`${APP}/`);
    moved.push(app.outcomes()['moved'] ?? 0);
    clock.ms += 2 * MINUTE_MS;
  }
  expect(moved[0]).toBe(0);
  expect(moved[2]).toBeGreaterThan(0);
  expect(moved[2]).toBeLessThan(19);
  expect(moved.at(-1)).toBe(20);
});

test('a session that is forced to target moves, too, and holds up no other', async () => {
  await restart({ login: ({ headers }) => (headers.has('x-tester') ? { side: 'target' } : {}) });
  const tester = app.browser();
  provider.refusesTarget = true;
  await tester.visit(`${APP}/auth/login`, { headers: { 'x-tester': '1' } });
  provider.refusesTarget = false;
  Object.assign(issuance, { percent: 100, revision: '2' });
  for (const minutes of [0, 15]) {
    clock.ms += minutes * MINUTE_MS;
    for (const one of [tester, browser]) await one.visit(`${APP}/`);
  }
  expect(app.outcomes()['moved']).toBe(2);
  expect(await audience()).toBe(TARGET_RESOURCE);
});

test('where each side has a provider, a session moves to the other one if that knows the same user', async () => {
  const target = await startProvider({ redirectUri: CALLBACK });
  try {
    const keeping = issuanceFixture({ refresh: 'keep' });
    const { issuer, clientId, clientSecret } = provider;
    await app.close();
    app = await startBff({
      providers: { legacy: { issuer, clientId, clientSecret }, target: credentialsOf(target) },
      selector: keeping.selector,
      publicUrl: APP,
      now: () => clock.ms,
    });
    browser = app.browser();
    await browser.visit(`${APP}/auth/login`);
    // The user has a session at the other provider, such as by another application.
    Object.assign(keeping, { percent: 100, revision: '2' });
    const other = app.browser();
    await other.visit(`${APP}/auth/login`);
    for (const [name, value] of other.cookies(target.issuer)) browser.cookies(target.issuer).set(name, value);
    await browser.visit(`${APP}/`);
    clock.ms += 15 * MINUTE_MS;
    expect((await browser.visit(`${APP}/orders`)).text).toBe('signed in: alice');
    expect([silentLogins(), await audience()]).toEqual([1, TARGET_RESOURCE]);
    expect(target.requests).toEqual(['authorization_code', 'authorization_code']);
  } finally {
    await target.close();
  }
});

function credentialsOf({ issuer, clientId, clientSecret }: ProviderFixture) {
  return { issuer, clientId, clientSecret };
}
