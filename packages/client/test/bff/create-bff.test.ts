import { afterEach, beforeEach, expect, test } from 'vitest';
import type { BffOptions } from '../../src/bff/bff.ts';
import { createBff } from '../../src/bff/create-bff.ts';
import { APP, type BffFixture, CALLBACK, startBff } from '../fixture/bff-fixture.ts';
import { issuanceFixture } from '../fixture/issuance-fixture.ts';
import { type ProviderFixture, startProvider } from '../fixture/provider-fixture.ts';

let provider: ProviderFixture;
let app: BffFixture;
const issuance = issuanceFixture();
beforeEach(async () => {
  issuance.percent = 0;
  provider = await startProvider({ redirectUri: CALLBACK });
  app = await startBff(options());
});
afterEach(async () => {
  await app.close();
  await provider.close();
});

function options() {
  const { issuer, clientId, clientSecret } = provider;
  return { issuer, clientId, clientSecret, selector: issuance.selector, publicUrl: APP };
}

test('a login ends where it was started, with a session', async () => {
  const browser = app.browser();
  const shown = await browser.visit(`${APP}/auth/login?returnTo=/orders%3Fpage=2`);
  expect([shown.url.href, shown.status, shown.text]).toEqual([`${APP}/orders?page=2`, 200, 'signed in: alice']);
  expect([...browser.cookies(APP).keys()].sort()).toEqual([
    '__Host-crossfade-device',
    '__Host-crossfade-session',
    '__Host-crossfade-starts',
  ]);
  expect(app.outcomes()).toEqual({ started: 1, succeeded: 1 });
});

test('every cookie is for this host alone, hidden from scripts, and never goes with a request of another site', async () => {
  const browser = app.browser();
  await browser.visit(`${APP}/auth/login`);
  const ours = browser.setCookies.filter((line) => line.includes('crossfade'));
  expect(ours.length).toBeGreaterThan(4);
  for (const line of ours) {
    expect(line).toMatch(/^__Host-crossfade-[\w-]+=[\w.-]*; Path=\/; HttpOnly; SameSite=Lax; Secure(; Max-Age=\d+)?$/);
  }
});

test('every problem of the options is reported at once, and a misspelt one with the one that is meant', () => {
  const wrong = {
    ...options(),
    clientId: '',
    publicUrl: 'https://app.example.com/shop',
    prefix: 'auth/',
    session: { idle: '2 days' },
    api: { '/api/': 'orders', api: 'https://orders.example.com' },
    user: { claims: [] },
    silentLogin: { spraed: '1h' },
    isuance: () => ({}),
    store: {},
  } as unknown as BffOptions;
  expect(() => createBff(wrong)).toThrow(
    expect.objectContaining({
      code: 'config_invalid',
      problems: expect.arrayContaining(
        [
          ['publicUrl', /must be the https origin/],
          ['prefix', /must be a path/],
          ['session.idle', /must be a duration/],
          ['api./api/', /must be an http/],
          ['api.api', /must be a URL for each path between slashes/],
          ['user.claims', /must be a list/],
          ['silentLogin.spraed', /did you mean silentLogin.spread\?/],
          ['isuance', /did you mean issuance\?/],
          ['store', /must be a session store/],
          ['clientId', /is required/],
        ].map(([path, message]) => ({ path, message: expect.stringMatching(message as RegExp) })),
      ),
    }),
  );
});

test('an API below the routes of the backend is a problem, and so is an idle time above the absolute one', () => {
  const wrong = {
    ...options(),
    api: { '/auth/api/': 'https://orders.example.com/' },
    session: { idle: '40d' },
  };
  expect(() => createBff(wrong)).toThrow(/session.idle: must not be longer than session.absolute/);
  const { session: _, ...overlapping } = wrong;
  expect(() => createBff(overlapping)).toThrow(/must not overlap/);
});

test('on http, which is for loopback only, cookies have neither the prefix nor Secure: browsers would refuse them', async () => {
  const bff = createBff({ ...options(), publicUrl: 'http://localhost:3000' });
  const response = await bff.handle(new Request('http://localhost:3000/auth/login'));
  const names = response?.headers.getSetCookie().map((line) => /^[\w-]+?(?=-[\w-]{16}=|=)/.exec(line)?.[0]);
  expect(names).toEqual(['crossfade-login', 'crossfade-device', 'crossfade-starts']);
  expect(response?.headers.getSetCookie().join()).not.toContain('Secure');
  expect(() => createBff({ ...options(), publicUrl: 'http://app.example.com' })).toThrow(/publicUrl/);
});
