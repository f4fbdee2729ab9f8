import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { UnavailableError } from '@crossfade/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Bff, BffOptions } from '../../src/bff/bff.ts';
import { createMemorySessionStore } from '../../src/session/memory-session-store.ts';
import type { SessionStore } from '../../src/session/session-store.ts';
import { APP, type BffFixture, CALLBACK, startBff, webRequest } from '../fixture/bff-fixture.ts';
import type { Browser } from '../fixture/browser.ts';
import { issuanceFixture } from '../fixture/issuance-fixture.ts';
import { type ProviderFixture, signAsProvider, startProvider } from '../fixture/provider-fixture.ts';

const EVENTS = { 'http://schemas.openid.net/event/backchannel-logout': {} };
const ROUTE = '/auth/backchannel-logout';

/** Where the provider sends its logouts: to the second instance, while users are logged in at the first. */
let receiver: Server;
let provider: ProviderFixture;
let app: BffFixture;
let other: BffFixture;
let store: SessionStore;
let received: number[];

beforeEach(async () => {
  received = [];
  receiver = createServer(async (incoming, response) => {
    const answer = await other.bff.handle(await webRequest(incoming));
    received.push(answer?.status ?? 0);
    response.writeHead(answer?.status ?? 404).end();
  });
  receiver.listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  const { port } = receiver.address() as AddressInfo;
  provider = await startProvider({
    redirectUri: CALLBACK,
    features: { backchannelLogout: { enabled: true } },
    client: {
      backchannel_logout_uri: `http://127.0.0.1:${port}${ROUTE}`,
      backchannel_logout_session_required: true,
    },
  });
  const real = createMemorySessionStore();
  store = { ...real };
  app = await start();
  other = await start();
});

afterEach(async () => {
  await Promise.all([app.close(), other.close(), provider.close()]);
  receiver.closeAllConnections();
  receiver.close();
  await once(receiver, 'close');
});

function start(): Promise<BffFixture> {
  const { issuer, clientId, clientSecret } = provider;
  const { selector } = issuanceFixture();
  return startBff({ issuer, clientId, clientSecret, selector, publicUrl: APP, store } as BffOptions);
}

async function loggedIn(): Promise<Browser> {
  const browser = app.browser();
  expect((await browser.visit(`${APP}/auth/login`)).text).toBe('signed in: alice');
  return browser;
}

/** The user logs out at the provider itself. */
async function logOutAtProvider(browser: Browser): Promise<void> {
  const page = await browser.visit(`${provider.issuer}/session/end`);
  const xsrf = /name="xsrf" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
  await browser.visit(`${provider.issuer}/session/end/confirm`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ xsrf, logout: 'yes' }).toString(),
  });
}

function post(bff: Bff, token: string, contentType = 'application/x-www-form-urlencoded') {
  const body = new URLSearchParams({ logout_token: token }).toString();
  return bff.handle(new Request(`${APP}${ROUTE}`, { method: 'POST', headers: { 'content-type': contentType }, body }));
}

function tokenOf(claims: Record<string, unknown>): Promise<string> {
  const nowSeconds = Math.floor(Date.now() / 1000);
  const { issuer, clientId } = provider;
  const base = { iss: issuer, aud: clientId, iat: nowSeconds, exp: nowSeconds + 60, jti: 'j', events: EVENTS };
  return signAsProvider({ ...base, ...claims }, { typ: 'logout+jwt' });
}

const stays = async (browser: Browser) => (await browser.visit(`${APP}/`)).text === 'signed in: alice';

test('a logout at the provider ends the session there, and no other of the user', async () => {
  const [browser, second] = [await loggedIn(), await loggedIn()];
  await logOutAtProvider(browser);
  await expect.poll(() => received).toEqual([200]);
  expect(await stays(browser)).toBe(false);
  expect(await stays(second)).toBe(true);
  expect(other.events.filter(({ type }) => type === 'logout')).toEqual([{ type: 'logout', by: 'provider' }]);
});

test('a logout token without a session ends every session of the user', async () => {
  const [browser, second] = [await loggedIn(), await loggedIn()];
  const token = await tokenOf({ sub: 'alice' });
  expect((await post(other.bff, token))?.status).toBe(200);
  expect([await stays(browser), await stays(second)]).toEqual([false, false]);
});

test('a logout token that comes again, at any instance, does not end the session of a later login', async () => {
  const browser = await loggedIn();
  const token = await tokenOf({ sub: 'alice' });
  expect((await post(other.bff, token))?.status).toBe(200);
  expect(await stays(browser)).toBe(false);
  const later = await loggedIn();
  for (const { bff } of [app, other]) expect((await post(bff, token))?.status).toBe(200);
  expect(await stays(later)).toBe(true);
  // The jti does not count: a provider may use a number that starts at 1.
  expect((await post(app.bff, await tokenOf({ sub: 'alice', exp: Math.ceil(Date.now() / 1000) + 90 })))?.status).toBe(
    200,
  );
  expect(await stays(later)).toBe(false);
});

describe('a logout that proves nothing ends no session', () => {
  test.each<[string, () => Promise<string>, string?]>([['another user', () => tokenOf({ sub: 'bob' })]])(
    'of %s is taken, and changes nothing',
    async (_, token) => {
      const browser = await loggedIn();
      expect((await post(other.bff, await token()))?.status).toBe(200);
      expect(await stays(browser)).toBe(true);
    },
  );

  test.each<[string, () => Promise<string> | string, string?]>([
    ['for another client', () => tokenOf({ sub: 'alice', aud: 'another' })],
    ['that is an ID token', () => tokenOf({ sub: 'alice', events: undefined })],
    ['that has expired', () => tokenOf({ sub: 'alice', exp: 1 })],
    ['that names no user and no session', () => tokenOf({})],
    ['that is no JWT', () => 'logout'],
    ['that is empty', () => ''],
    ['that is longer than any', () => 'x'.repeat(100_000)],
    ['as JSON', () => tokenOf({ sub: 'alice' }), 'application/json'],
  ])('%s: 400', async (_, token, contentType) => {
    const browser = await loggedIn();
    const response = await post(other.bff, await token(), contentType);
    expect(response?.status).toBe(400);
    expect(await response?.json()).toMatchObject({ error: 'invalid_request' });
    expect(await stays(browser)).toBe(true);
  });
});

test('while the store is down the provider is told to try again', async () => {
  const browser = await loggedIn();
  const { deleteWhere } = store;
  Object.assign(store, { deleteWhere: () => Promise.reject(new UnavailableError('the store cannot be reached')) });
  expect((await post(other.bff, await tokenOf({ sub: 'alice' })))?.status).toBe(503);
  expect(await stays(browser)).toBe(true);
  Object.assign(store, { deleteWhere });
  expect((await post(other.bff, await tokenOf({ sub: 'alice' })))?.status).toBe(200);
  expect(await stays(browser)).toBe(false);
});

test('while its keys cannot be fetched the provider is told to try again', async () => {
  const token = await tokenOf({ sub: 'alice' });
  provider.fault = (response) => response.writeHead(503).end();
  expect((await post(other.bff, token))?.status).toBe(503);
});
