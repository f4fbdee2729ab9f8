import { UnavailableError } from '@crossfade/core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { BffOptions } from '../../src/bff/bff.ts';
import { createMemorySessionStore } from '../../src/session/memory-session-store.ts';
import type { SessionStore } from '../../src/session/session-store.ts';
import { APP, type BffFixture, CALLBACK, startBff } from '../fixture/bff-fixture.ts';
import type { Browser, Shown } from '../fixture/browser.ts';
import { issuanceFixture } from '../fixture/issuance-fixture.ts';
import { type ProviderFixture, startProvider } from '../fixture/provider-fixture.ts';

const TEN_MINUTES_MS = 600_000;

let provider: ProviderFixture;
let app: BffFixture;
let elapsedMs: number;
let issuance: ReturnType<typeof issuanceFixture>;
beforeEach(async () => {
  elapsedMs = 0;
  issuance = issuanceFixture();
  provider = await startProvider({ redirectUri: CALLBACK });
  app = await start();
});
afterEach(async () => {
  await app.close();
  await provider.close();
});

function start(options: Partial<BffOptions> = {}): Promise<BffFixture> {
  const { issuer, clientId, clientSecret } = provider;
  const { selector } = issuance;
  const now = () => Date.now() + elapsedMs;
  return startBff({ issuer, clientId, clientSecret, selector, now, publicUrl: APP, ...options } as BffOptions);
}

/** Logs in up to the callback. */
async function callbackOf(browser: Browser, returnTo = '/orders'): Promise<string> {
  const stopAt = (url: URL) => url.href.startsWith(CALLBACK);
  const stopped = await browser.visit(`${APP}/auth/login?returnTo=${returnTo}`, { stopAt });
  return stopped.headers.get('location') ?? '';
}

const codeOf = ({ text }: Shown): string | undefined => /<small>([\w ]+)<\/small>/.exec(text)?.[1];
/** The link by which a page leads on. */
const wayOn = ({ text, url }: Shown): string | undefined => {
  const href = /<a href="([^"]*)">/.exec(text)?.[1]?.replaceAll('&amp;', '&');
  return href === undefined ? undefined : new URL(href, url).href;
};

test('a user who says no sees a page, whose link starts the login again', async () => {
  provider.user = undefined;
  const browser = app.browser();
  const shown = await browser.visit(`${APP}/auth/login?returnTo=/orders`);
  expect([shown.status, codeOf(shown)]).toEqual([403, 'access_denied']);
  provider.user = 'alice';
  expect((await browser.visit(wayOn(shown) ?? '')).url.href).toBe(`${APP}/orders`);
  expect(app.outcomes()).toEqual({ started: 2, declined: 1, succeeded: 1 });
});

test('a reload of the callback and the back button lead to the application', async () => {
  const browser = app.browser();
  const callback = await callbackOf(browser);
  expect((await browser.visit(callback)).text).toBe('signed in: alice');
  const again = await browser.visit(callback);
  expect([again.url.href, again.text]).toEqual([`${APP}/`, 'signed in: alice']);
});

test('a callback that arrives twice at once is redeemed once, and both browsers get on', async () => {
  const browser = app.browser();
  const callback = await callbackOf(browser);
  const shown = await Promise.all([browser.visit(callback), browser.visit(callback)]);
  expect(provider.requests).toEqual(['authorization_code']);
  expect(shown.map(({ text }) => text)).toContain('signed in: alice');
  const other = shown.find(({ text }) => text !== 'signed in: alice');
  if (other !== undefined) expect((await browser.visit(wayOn(other) ?? '')).text).toBe('signed in: alice');
});

test('two tabs log in at once, and each ends where it was started', async () => {
  const browser = app.browser();
  const [first, second] = [await callbackOf(browser, '/first'), await callbackOf(browser, '/second')];
  expect((await browser.visit(second)).url.href).toBe(`${APP}/second`);
  expect((await browser.visit(first)).url.href).toBe(`${APP}/first`);
  // The provider of these tests takes only the latest code of a browser.
  expect(app.outcomes()).toEqual({ started: 2, succeeded: 1, refused: 1 });
});

test('a login that asked for a fresh authentication does not end in the session that was there', async () => {
  const browser = app.browser();
  const stopAt = (url: URL) => url.href.startsWith(CALLBACK);
  const stopped = await browser.visit(`${APP}/auth/login?prompt=login`, { stopAt });
  await browser.visit(`${APP}/auth/login`);
  const shown = await browser.visit(stopped.headers.get('location') ?? '');
  expect([shown.status, codeOf(shown)]).toEqual([400, 'code']);
});

test('a login that took too long ends in a page, whose link starts the login again', async () => {
  const browser = app.browser();
  const callback = await callbackOf(browser);
  elapsedMs = TEN_MINUTES_MS + 1000;
  const shown = await browser.visit(callback);
  expect([shown.status, codeOf(shown), wayOn(shown)]).toEqual([400, 'state', `${APP}/auth/login`]);
  expect((await browser.visit(wayOn(shown) ?? '')).text).toBe('signed in: alice');
});

test('a provider that is down at the callback costs a reload, not the login', async () => {
  const browser = app.browser();
  const callback = await callbackOf(browser);
  provider.fault = (response) => response.writeHead(503, { 'retry-after': '7' }).end();
  const shown = await browser.visit(callback);
  expect([shown.status, shown.headers.get('retry-after'), codeOf(shown)]).toEqual([503, '7', 'unavailable']);
  expect(wayOn(shown)).toBe(callback);
  expect(shown.text).not.toContain(new URL(callback).searchParams.get('code'));
  provider.fault = undefined;
  elapsedMs = 8000;
  expect((await browser.visit(callback)).url.href).toBe(`${APP}/orders`);
  expect(app.outcomes()).toEqual({ started: 1, unavailable: 1, succeeded: 1 });
});

test('a provider that says in the callback that it is down is asked again by a new login', async () => {
  const browser = app.browser();
  const callback = new URL(await callbackOf(browser));
  callback.searchParams.delete('code');
  callback.searchParams.set('error', 'temporarily_unavailable');
  const shown = await browser.visit(callback);
  expect([shown.status, wayOn(shown)]).toEqual([503, `${APP}/auth/login?returnTo=%2Forders`]);
});

test('a provider that is down at the start does not stop the application, and the page leads on once it is up', async () => {
  provider.fault = (response) => response.writeHead(503).end();
  const browser = app.browser();
  const shown = await browser.visit(`${APP}/auth/login?returnTo=/orders`);
  expect([shown.status, codeOf(shown)]).toEqual([503, 'unavailable']);
  expect(Number(shown.headers.get('retry-after'))).toBeGreaterThan(0);
  provider.fault = undefined;
  elapsedMs = 60_000;
  expect((await browser.visit(wayOn(shown) ?? '')).url.href).toBe(`${APP}/orders`);
});

test('a login whose target side the provider refuses gets legacy by itself, in the same navigation', async () => {
  issuance.percent = 100;
  provider.refusesTarget = true;
  const browser = app.browser();
  const shown = await browser.visit(`${APP}/auth/login?returnTo=/orders`);
  expect([shown.url.href, shown.text]).toEqual([`${APP}/orders`, 'signed in: alice']);
  const cookie = [...browser.cookies(APP)].map(([name, value]) => `${name}=${value}`).join('; ');
  expect(await app.bff.user(new Request(APP, { headers: { cookie } }))).toMatchObject({ side: 'legacy' });
  expect(app.events.filter(({ type }) => type === 'fell_back')).toHaveLength(1);
  expect(app.outcomes()).toEqual({ started: 2, refused: 1, succeeded: 1 });
});

test('a refusal ends in a page once legacy is closed', async () => {
  await app.close();
  app = await start({ acceptance: () => 'target' });
  issuance.percent = 100;
  provider.refusesTarget = true;
  const shown = await app.browser().visit(`${APP}/auth/login?returnTo=/orders`);
  expect([shown.status, codeOf(shown)]).toEqual([502, 'invalid_target']);
  expect(wayOn(shown)).toBe(`${APP}/auth/login?returnTo=%2Forders`);
  expect(app.outcomes()).toEqual({ started: 1, refused: 1 });
});

test('with a provider a side, a flip sends logins to the other one, and a refusal there back', async () => {
  await app.close();
  const other = await startProvider({ redirectUri: CALLBACK });
  const credentials = ({ issuer, clientId, clientSecret }: ProviderFixture) => ({ issuer, clientId, clientSecret });
  const providers = { legacy: credentials(provider), target: credentials(other) };
  app = await startBff({ providers, selector: issuance.selector, publicUrl: APP });
  const browser = app.browser();
  expect((await browser.visit(`${APP}/auth/login`)).text).toBe('signed in: alice');
  issuance.percent = 100;
  issuance.revision = '2';
  expect((await browser.visit(`${APP}/auth/login`)).text).toBe('signed in: alice');
  expect([provider.requests.length, other.requests.length]).toEqual([1, 1]);
  issuance.revision = '3';
  other.refusesTarget = true;
  expect((await browser.visit(`${APP}/auth/login`)).text).toBe('signed in: alice');
  expect([provider.requests.length, other.requests.length]).toEqual([2, 1]);
  await other.close();
});

test('a store that is down ends in a page that leads on, before the code is spent', async () => {
  await app.close();
  const { store, setDown } = fragileStore();
  app = await start({ store });
  const browser = app.browser();
  const callback = await callbackOf(browser);
  setDown(true);
  const shown = await browser.visit(callback);
  expect([shown.status, codeOf(shown), wayOn(shown)]).toEqual([503, 'unavailable', callback]);
  expect(provider.requests).toEqual([]);
  setDown(false);
  expect((await browser.visit(callback)).url.href).toBe(`${APP}/orders`);
});

test('a HEAD of the callback spends nothing', async () => {
  const browser = app.browser();
  const callback = await callbackOf(browser);
  const shown = await browser.visit(callback, { method: 'HEAD' });
  expect([shown.status, shown.headers.get('allow')]).toEqual([405, 'GET']);
  expect((await browser.visit(callback)).text).toBe('signed in: alice');
});

test('a pending login holds no secret in the store', async () => {
  await app.close();
  const { store, kept } = fragileStore();
  app = await start({ store });
  const callback = new URL(await callbackOf(app.browser(), '/secret-place'));
  expect(kept).toHaveLength(1);
  expect(JSON.stringify(kept)).not.toContain(callback.searchParams.get('state'));
  expect(Buffer.from(kept[0]?.sealed ?? '', 'base64url').toString('latin1')).not.toContain('secret-place');
});

/** A real store that can be down. */
function fragileStore() {
  const real = createMemorySessionStore();
  const kept: { key: string; sealed: string }[] = [];
  let isDown = false;
  const checked = async <T>(work: () => Promise<T>): Promise<T> => {
    if (isDown) throw new UnavailableError('the session store cannot be reached');
    return work();
  };
  const store: SessionStore = {
    get: (key) => checked(() => real.get(key)),
    create(key, session, lifetimeMs) {
      kept.push({ key, sealed: session.sealed });
      return checked(() => real.create(key, session, lifetimeMs));
    },
    replace: (...parameters) => checked(() => real.replace(...parameters)),
    delete: (key) => checked(() => real.delete(key)),
    deleteWhere: (where) => checked(() => real.deleteWhere(where)),
    lock: (...parameters) => checked(() => real.lock(...parameters)),
  };
  return {
    store,
    kept,
    setDown(value: boolean) {
      isDown = value;
    },
  };
}
