import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { BffOptions } from '../../src/bff/bff.ts';
import type { ClientEvent } from '../../src/events/client-event.ts';
import { APP, type BffFixture, CALLBACK, startBff } from '../fixture/bff-fixture.ts';
import type { Browser, Shown } from '../fixture/browser.ts';
import { issuanceFixture } from '../fixture/issuance-fixture.ts';
import { type ProviderFixture, startProvider } from '../fixture/provider-fixture.ts';

const SESSION = '__Host-crossfade-session';
const isCallback = (url: URL) => url.href.startsWith(CALLBACK);

let provider: ProviderFixture;
let app: BffFixture;
/** How many token requests the provider had got before the test. */
let requestsBefore: number;
const opened: { close(): Promise<void> }[] = [];
beforeAll(async () => {
  provider = await startProvider({ redirectUri: CALLBACK });
});
afterAll(() => provider.close());
beforeEach(async () => {
  provider.user = 'alice';
  requestsBefore = provider.requests.length;
  app = await startApp();
});
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close();
});

async function startApp(options: Partial<BffOptions> = {}): Promise<BffFixture> {
  const { issuer, clientId, clientSecret } = provider;
  const { selector } = issuanceFixture();
  const started = await startBff({
    issuer,
    clientId,
    clientSecret,
    selector,
    publicUrl: APP,
    ...options,
  } as BffOptions);
  opened.push(started);
  return started;
}

/** Logs in up to the callback, which the attack then changes. */
async function callbackOf(browser: Browser, change: (authorization: URL) => void = () => {}): Promise<URL> {
  const started = await browser.visit(`${APP}/auth/login`, { stopAt: () => true });
  const authorization = new URL(started.headers.get('location') ?? '');
  change(authorization);
  const stopped = await browser.visit(authorization, { stopAt: isCallback });
  return new URL(stopped.headers.get('location') ?? '');
}

function changed(url: URL, change: (query: URLSearchParams) => void): URL {
  const copy = new URL(url);
  change(copy.searchParams);
  return copy;
}

/** What the last page shows, by its code. */
const codeOf = ({ text }: Shown): string | undefined => /<small>([\w ]+)<\/small>/.exec(text)?.[1];
const answer = (shown: Shown) => ({ status: shown.status, code: codeOf(shown) });
const isSignedIn = async (browser: Browser) => (await browser.visit(`${APP}/`)).text.startsWith('signed in');
const counted = (types: readonly ClientEvent['type'][]) => app.events.filter(({ type }) => types.includes(type));
const tokenRequests = () => provider.requests.length - requestsBefore;
const refused = (check: string) => ({ type: 'request_refused', check });
const invalid = (check: string) => expect.objectContaining({ type: 'login', outcome: 'invalid', check });

interface Attack {
  readonly name: string;
  /** Does it, and returns what was answered. */
  readonly attempt: () => Promise<unknown>;
  readonly answered: unknown;
  /** The last event of these types. */
  readonly counted: unknown;
}

const ATTACKS: readonly Attack[] = [
  {
    name: 'a state that this browser did not start',
    async attempt() {
      const browser = app.browser();
      const callback = await callbackOf(browser);
      return answer(await browser.visit(changed(callback, (query) => query.set('state', 'x'.repeat(43)))));
    },
    answered: { status: 400, code: 'state' },
    counted: invalid('state'),
  },
  {
    name: 'a nonce that is not the one of the login (a replayed ID token)',
    async attempt() {
      const browser = app.browser();
      const callback = await callbackOf(browser, (url) => url.searchParams.set('nonce', 'another'));
      return answer(await browser.visit(callback));
    },
    answered: { status: 400, code: 'nonce' },
    counted: invalid('nonce'),
  },
  {
    name: 'the code of another login in the own callback (code injection)',
    async attempt() {
      const [browser, attacker] = [app.browser(), app.browser()];
      const stolen = (await callbackOf(attacker)).searchParams.get('code') ?? '';
      return answer(await browser.visit(changed(await callbackOf(browser), (query) => query.set('code', stolen))));
    },
    answered: { status: 400, code: 'code' },
    counted: expect.objectContaining({ type: 'login', outcome: 'refused', error: 'invalid_grant' }),
  },
  {
    name: 'a callback that was used (code replay) by another browser that knows its URL',
    async attempt() {
      const [browser, attacker] = [app.browser(), app.browser()];
      const callback = await callbackOf(browser);
      await browser.visit(callback);
      const shown = answer(await attacker.visit(callback));
      return [shown, await isSignedIn(attacker), tokenRequests()];
    },
    answered: [{ status: 400, code: 'state' }, false, 1],
    counted: invalid('state'),
  },
  {
    name: 'a callback that was used, with the cookie that it was used with',
    async attempt() {
      const [browser, thief] = [app.browser(), app.browser()];
      const callback = await callbackOf(browser);
      for (const [name, value] of browser.cookies(APP)) thief.cookies(APP).set(name, value);
      await browser.visit(callback);
      return [answer(await thief.visit(callback)), await isSignedIn(thief), tokenRequests()];
    },
    answered: [{ status: 400, code: 'state' }, false, 1],
    counted: invalid('state'),
  },
  {
    name: 'a mix-up: the response of one provider in the login of the other',
    async attempt() {
      const other = await startProvider({ redirectUri: CALLBACK });
      opened.push(other);
      const { issuer, clientId, clientSecret } = provider;
      const target = { issuer: other.issuer, clientId: other.clientId, clientSecret: other.clientSecret };
      const { selector } = issuanceFixture();
      const providers = { legacy: { issuer, clientId, clientSecret }, target };
      const events: ClientEvent[] = [];
      app = await startBff({ providers, selector, publicUrl: APP, onEvent: (event) => events.push(event) });
      opened.push(app);
      const browser = app.browser();
      // The attacker sends the browser to the other provider, which responds as the browser asks.
      const callback = await callbackOf(browser, (url) => {
        url.host = new URL(other.issuer).host;
      });
      const shown = await browser.visit(callback);
      return [answer(shown), tokenRequests(), other.requests.length];
    },
    answered: [{ status: 400, code: 'iss' }, 0, 0],
    counted: invalid('iss'),
  },
  {
    name: 'session fixation: a session that was planted before the login',
    async attempt() {
      const [browser, attacker] = [app.browser(), app.browser()];
      await attacker.visit(`${APP}/auth/login`);
      const planted = attacker.cookies(APP).get(SESSION) ?? '';
      browser.cookies(APP).set(SESSION, planted);
      await browser.visit(`${APP}/auth/login`);
      const own = browser.cookies(APP).get(SESSION);
      return [own !== planted, await isSignedIn(browser), await isSignedIn(attacker)];
    },
    answered: [true, true, false],
    counted: expect.objectContaining({ type: 'login', outcome: 'succeeded' }),
  },
  {
    name: 'session fixation: a made-up value of the session cookie',
    async attempt() {
      const browser = app.browser();
      const planted = 'A'.repeat(43);
      browser.cookies(APP).set(SESSION, planted);
      await browser.visit(`${APP}/auth/login`);
      return browser.cookies(APP).get(SESSION) === planted;
    },
    answered: false,
    counted: expect.objectContaining({ type: 'login', outcome: 'succeeded' }),
  },
  {
    name: 'login CSRF: the callback of the attacker in the browser of the victim',
    async attempt() {
      const [victim, attacker] = [app.browser(), app.browser()];
      const callback = await callbackOf(attacker);
      return [answer(await victim.visit(callback)), await isSignedIn(victim), tokenRequests()];
    },
    answered: [{ status: 400, code: 'state' }, false, 0],
    counted: invalid('state'),
  },
  {
    name: 'login CSRF: the same while the victim is logged in, who stays who they are',
    async attempt() {
      const [victim, attacker] = [app.browser(), app.browser()];
      await victim.visit(`${APP}/auth/login`);
      provider.user = 'mallory';
      const callback = await callbackOf(attacker);
      return (await victim.visit(callback)).text;
    },
    answered: 'signed in: alice',
    counted: invalid('state'),
  },
  {
    name: 'CSRF: a form of another site logs the user out',
    async attempt() {
      const browser = app.browser();
      await browser.visit(`${APP}/auth/login`);
      const headers = [
        { 'sec-fetch-site': 'cross-site' },
        { 'sec-fetch-site': 'same-site' },
        { 'sec-fetch-site': 'cross-site', 'crossfade-csrf': '1', origin: APP },
      ];
      const statuses = [];
      for (const each of headers) {
        statuses.push((await browser.visit(`${APP}/auth/logout`, { method: 'POST', headers: each })).status);
      }
      return [statuses, await isSignedIn(browser)];
    },
    answered: [[403, 403, 403], true],
    counted: refused('origin'),
  },
  {
    name: 'CSRF: the same by a browser without Sec-Fetch-Site, and without Origin',
    async attempt() {
      const cookie = await loggedInCookie();
      const post = async (headers: Readonly<Record<string, string>>) => {
        const request = new Request(`${APP}/auth/logout`, { method: 'POST', headers: { cookie, ...headers } });
        return (await app.bff.handle(request))?.status;
      };
      const origins = ['https://evil.example', 'null', `${APP}.evil.example`, 'http://app.example.com'];
      return [await Promise.all(origins.map((origin) => post({ origin }))), await post({})];
    },
    answered: [[403, 403, 403, 403], 403],
    counted: refused('origin'),
  },
  {
    name: 'a link of another site to the logout logs no user out',
    async attempt() {
      const browser = app.browser();
      await browser.visit(`${APP}/auth/login`);
      const shown = await browser.visit(`${APP}/auth/logout`, { headers: { 'sec-fetch-site': 'cross-site' } });
      return [answer(shown), await isSignedIn(browser)];
    },
    answered: [{ status: 200, code: 'confirm_logout' }, true],
    counted: expect.objectContaining({ type: 'login', outcome: 'succeeded' }),
  },
  {
    name: 'a login loop',
    async attempt() {
      const browser = app.browser();
      const statuses: number[] = [];
      for (let start = 0; start < 7; start += 1) {
        statuses.push((await browser.visit(`${APP}/auth/login`, { stopAt: () => true })).status);
      }
      return [statuses, answer(await browser.visit(`${APP}/auth/login`))];
    },
    answered: [[303, 303, 303, 303, 303, 429, 429], { status: 429, code: 'login_loop' }],
    counted: refused('login_loop'),
  },
  {
    name: 'a login loop whose logins succeed, while the application does not see the session',
    async attempt() {
      const browser = app.browser();
      let logins = 0;
      while ((await browser.visit(`${APP}/auth/login`)).status !== 429 && logins < 30) logins += 1;
      return logins;
    },
    answered: 10,
    counted: refused('login_loop'),
  },
  {
    name: 'a cookie that a sibling domain plants: it cannot have the prefix, so it is none of ours',
    async attempt() {
      const attacker = app.browser();
      await attacker.visit(`${APP}/auth/login`);
      const victim = app.browser();
      victim.cookies(APP).set('crossfade-session', attacker.cookies(APP).get(SESSION) ?? '');
      return isSignedIn(victim);
    },
    answered: false,
    counted: expect.objectContaining({ type: 'login', outcome: 'succeeded' }),
  },
  {
    name: 'a cookie that comes twice, because a browser took one from a sibling domain',
    async attempt() {
      const own = await loggedInCookie();
      provider.user = 'mallory';
      const planted = await loggedInCookie();
      const users = [`${planted}; ${own}`, `${own}; ${planted}`].map((cookie) =>
        app.bff.user(new Request(APP, { headers: { cookie } })),
      );
      return Promise.all(users);
    },
    answered: [undefined, undefined],
    counted: expect.objectContaining({ type: 'login', outcome: 'succeeded' }),
  },
  {
    name: 'oversized cookies: logins that were never finished',
    async attempt() {
      const browser = app.browser();
      let largest = 0;
      const started: string[] = [];
      const logins = () => [...browser.cookies(APP).keys()].filter((name) => name.includes('-login-'));
      for (let start = 0; start < 40; start += 1) {
        // Without the count of starts, as a browser is some minutes later.
        browser.cookies(APP).delete('__Host-crossfade-starts');
        await browser.visit(`${APP}/auth/login?returnTo=/${'x'.repeat(1900)}`, { stopAt: () => true });
        const header = [...browser.cookies(APP)].map(([name, value]) => `${name}=${value}`).join('; ');
        largest = Math.max(largest, header.length);
        started.push(...logins().filter((name) => !started.includes(name)));
      }
      return [started.length, largest < 1024, logins().every((name) => started.slice(-6).includes(name))];
    },
    answered: [40, true, true],
    counted: expect.objectContaining({ type: 'login', outcome: 'started' }),
  },
  {
    name: 'an oversized cookie that was planted',
    async attempt() {
      const browser = app.browser();
      browser.cookies(APP).set(SESSION, 'x'.repeat(8000));
      return [await isSignedIn(browser), (await browser.visit(`${APP}/auth/login`)).text];
    },
    answered: [false, 'signed in: alice'],
    counted: expect.objectContaining({ type: 'login', outcome: 'succeeded' }),
  },
];

async function loggedInCookie(): Promise<string> {
  const browser = app.browser();
  await browser.visit(`${APP}/auth/login`);
  return `${SESSION}=${browser.cookies(APP).get(SESSION)}`;
}

describe('an attack is answered and counted:', () => {
  test.each(ATTACKS)('$name', async ({ attempt, answered, counted: event }) => {
    expect(await attempt()).toEqual(answered);
    expect(counted(['login', 'request_refused']).at(-1)).toEqual(event);
  });
});

const OUTSIDE = [
  '/.//evil.example',
  '/..//evil.example',
  '//evil.example',
  '///evil.example',
  '/\\evil.example',
  '\\\\evil.example',
  '/%2f%2fevil.example',
  '/%2F/evil.example',
  '/%5cevil.example',
  '/%2e/%2fevil.example',
  '/\t/evil.example',
  '/\n/evil.example',
  '/\r\nlocation: https://evil.example',
  '/%0d%0alocation:%20https://evil.example',
  '\u0000/evil.example',
  'https://evil.example/',
  'https:evil.example',
  'https:/evil.example',
  'https://app.example.com@evil.example/',
  'https://app.example.com.evil.example/',
  'https://app.example.com:8443/',
  'http://app.example.com/',
  'javascript:alert(1)',
  'data:text/html,x',
  'evil.example',
  '/auth/login',
  '/auth/logout?x',
  '/AUTH/login',
  '/%61uth/login',
  '/x/../auth/login',
  '//auth/login',
  '/x/..%2fauth/login',
  '/x/..;/auth/login',
  '/auth;x/login',
  '/.%2f/evil.example',
  '/%2e%2f%2fevil.example',
  '/..%2f..%2f/evil.example',
  '/.%5c/evil.example',
  '/;/evil.example',
  '/..;//evil.example',
  '/%252f%252fevil.example',
  `/${'x'.repeat(3000)}`,
];
test.each(OUTSIDE)('an open redirect to %j leads to the start of the application, and is counted', async (returnTo) => {
  const browser = app.browser();
  const query = new URLSearchParams({ returnTo });
  expect((await browser.visit(`${APP}/auth/login?${query}`)).url.href).toBe(`${APP}/`);
  expect(counted(['request_refused'])).toEqual([refused('return_to')]);
});

const INSIDE = [
  ['/orders?page=2&q=a%20b#top', '/orders?page=2&q=a%20b#top'],
  ['https://app.example.com/orders', '/orders'],
  ['https://app.example.com/', '/'],
  ['', '/'],
  ['/author', '/author'],
  ['/a;color=red/b%3Fc%25', '/a;color=red/b%3Fc%25'],
  ['/100%', '/100%'],
  ['/a/%2f%2fb?next=//x', '/a/%2f%2fb?next=//x'],
  ['/search?q=two\u0020words', '/search?q=two%20words'],
  ['/caf\u00e9', '/caf%C3%A9'],
] as const;
test.each(INSIDE)('a login leads to %j of the application', async (returnTo, path) => {
  const query = new URLSearchParams({ returnTo });
  const browser = app.browser();
  expect((await browser.visit(`${APP}/auth/login?${query}`)).url.href).toBe(`${APP}${path}`);
  expect(counted(['request_refused'])).toEqual([]);
});

test('no token, code, verifier or cookie gets into a URL, a page, an event or an error', async () => {
  const secrets = new Set<string>();
  const spy: typeof fetch = async (input, init) => {
    const body = init?.body;
    if (body instanceof URLSearchParams) {
      for (const name of ['code', 'code_verifier', 'refresh_token', 'token']) secrets.add(body.get(name) ?? '');
    }
    const response = await fetch(input, init);
    if (!String(input).includes('/token')) return response;
    const text = await response.text();
    if (text.startsWith('{')) {
      const { access_token, refresh_token } = JSON.parse(text) as Record<string, string>;
      for (const token of [access_token, refresh_token]) secrets.add(token ?? '');
    }
    return new Response(text, response);
  };
  app = await startApp({ fetch: spy, user: { claims: ['sub'], userinfo: true } });
  const browser = app.browser();
  await browser.visit(`${APP}/auth/login?returnTo=/orders`);
  await browser.visit(`${APP}/auth/user`);
  await browser.visit(`${APP}/auth/logout`, { method: 'POST', headers: { 'sec-fetch-site': 'same-origin' } });
  const failing = app.browser();
  const callback = await callbackOf(failing, (url) => url.searchParams.set('nonce', 'another'));
  await failing.visit(callback);
  secrets.delete('');
  expect(secrets.size).toBeGreaterThanOrEqual(6);

  const codes = [...secrets].filter((secret) => browser.history.some((url) => url.includes(`code=${secret}`)));
  const isCodeInCallback = (secret: string) => codes.includes(secret) || callback.search.includes(secret);
  const cookieValues = [...browser.setCookies, ...failing.setCookies].map(
    (line) => /^__Host-crossfade-[^=]+=([^;]{20,})/.exec(line)?.[1],
  );
  const bodies = app.sent.map((text) => text.replaceAll(/^set-cookie: .*$/gm, ''));
  for (const secret of [...secrets, ...cookieValues.filter((value) => value !== undefined)]) {
    expect(bodies.join('\n')).not.toContain(secret);
    expect(inspect(app.events, { depth: 9, showHidden: true })).not.toContain(secret);
    // The provider itself puts its code into the callback's URL (RFC 6749 §4.1.2), once.
    if (!isCodeInCallback(secret)) expect(browser.history.join('\n')).not.toContain(secret);
  }
  for (const text of app.sent.filter((each) => /^(?:location|set-cookie):|<html/m.test(each))) {
    expect(text).toMatch(/^cache-control: no-store$/m);
    expect(text).toMatch(/^referrer-policy: (?:no-referrer|same-origin)$/m);
  }
});
