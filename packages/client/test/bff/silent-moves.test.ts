import { afterEach, beforeEach, expect, test } from 'vitest';
import type { BffOptions } from '../../src/bff/bff.ts';
import { APP, type BffFixture, CALLBACK, startBff } from '../fixture/bff-fixture.ts';
import type { Browser } from '../fixture/browser.ts';
import { type IssuanceFixture, issuanceFixture } from '../fixture/issuance-fixture.ts';
import { type ProviderFixture, startProvider } from '../fixture/provider-fixture.ts';

let provider: ProviderFixture;
let app: BffFixture;
let issuance: IssuanceFixture;
beforeEach(async () => {
  issuance = issuanceFixture({ refresh: 'reauthenticate' });
  provider = await startProvider({ redirectUri: CALLBACK });
  app = await start({ silentLogin: { spread: '1ms' } });
});
afterEach(async () => {
  await app.close();
  await provider.close();
});

function start(options: Partial<BffOptions>): Promise<BffFixture> {
  const { issuer, clientId, clientSecret } = provider;
  let nowMs = Date.now();
  // Each reading is later than the one before, so that the spread is over at the second request.
  const now = () => (nowMs += 1);
  const { selector } = issuance;
  return startBff({ issuer, clientId, clientSecret, selector, publicUrl: APP, now, ...options } as BffOptions);
}

function flip(): void {
  issuance.percent = 100;
  issuance.revision = '2';
}

async function sideOf(browser: Browser): Promise<string | undefined> {
  const cookie = [...browser.cookies(APP)].map(([name, value]) => `${name}=${value}`).join('; ');
  return (await app.bff.user(new Request(APP, { headers: { cookie } })))?.side;
}

async function loggedIn(): Promise<Browser> {
  const browser = app.browser();
  await browser.visit(`${APP}/auth/login`);
  expect(await sideOf(browser)).toBe('legacy');
  return browser;
}

test('a flip moves a session by a navigation, which ends where it was going', async () => {
  const browser = await loggedIn();
  flip();
  await browser.visit(`${APP}/`);
  const shown = await browser.visit(`${APP}/orders?page=2`);
  expect([shown.url.href, shown.text]).toEqual([`${APP}/orders?page=2`, 'signed in: alice']);
  expect(await sideOf(browser)).toBe('target');
  expect(app.outcomes()).toMatchObject({ moved: 1 });
  expect(app.events.filter(({ type }) => type === 'logout')).toEqual([]);
});

test('a session that cannot move stays, and its navigation ends where it was going', async () => {
  const browser = await loggedIn();
  flip();
  // Without their session at the provider a user would have to sign in.
  browser.cookies(provider.issuer).clear();
  await browser.visit(`${APP}/`);
  const shown = await browser.visit(`${APP}/orders`);
  expect([shown.url.href, shown.text]).toEqual([`${APP}/orders`, 'signed in: alice']);
  expect(await sideOf(browser)).toBe('legacy');
  expect(app.outcomes()).toMatchObject({ not_moved: 1 });
});

test('requests of a page are never sent to the provider', async () => {
  const browser = await loggedIn();
  flip();
  const headers = { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' };
  for (let request = 0; request < 3; request += 1) {
    expect((await browser.visit(`${APP}/orders`, { headers, stopAt: () => true })).text).toBe('signed in: alice');
  }
  expect(await sideOf(browser)).toBe('legacy');
});

test('with silent logins switched off sessions stay where they are', async () => {
  await app.close();
  app = await start({ silentLogin: false });
  const browser = await loggedIn();
  flip();
  for (let request = 0; request < 3; request += 1) await browser.visit(`${APP}/orders`);
  expect(await sideOf(browser)).toBe('legacy');
});
