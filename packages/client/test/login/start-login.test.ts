import { ConfigError } from '@crossfade/core';
import { combineSelectors, createSelector } from '@crossfade/selector';
import { decodeJwt } from 'jose';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ClientEvent } from '../../src/events/client-event.ts';
import type { LoginRequest } from '../../src/login/browser-login.ts';
import { createBrowserLogin } from '../../src/login/create-browser-login.ts';
import { type IssuanceFixtureOptions, issuanceFixture } from '../fixture/issuance-fixture.ts';
import type { ProviderCapabilities } from '../fixture/provider-capabilities.ts';
import {
  BILLING_RESOURCE,
  type ProviderFixture,
  signAsProvider,
  startProvider,
  TARGET_RESOURCE,
} from '../fixture/provider-fixture.ts';
import { type RewritingFetch, rewritingFetch } from '../fixture/rewriting-fetch.ts';
import { failure, signIn } from '../fixture/sign-in.ts';

let provider: ProviderFixture;
let rewriting: RewritingFetch;
beforeEach(() => {
  rewriting = rewritingFetch();
});
afterEach(() => provider.close());

async function start(options: IssuanceFixtureOptions = {}, capabilities: ProviderCapabilities = {}) {
  provider = await startProvider({ capabilities });
  const issuance = issuanceFixture(options);
  const events: ClientEvent[] = [];
  const switches = { isLegacyClosed: false, nowMs: Date.now() };
  const login = createBrowserLogin({
    ...provider,
    selector: issuance.selector,
    fetch: rewriting.fetch,
    acceptance: () => (switches.isLegacyClosed ? 'target' : 'both'),
    onEvent: (event) => events.push(event),
    now: () => switches.nowMs,
  });
  return { login, issuance, events, switches };
}

describe('the authorization request', () => {
  test('has what the login asks for, and further parameters', async () => {
    const { login } = await start();
    const { url } = await login.start({
      prompt: 'login',
      loginHint: 'alice@example.com',
      maxAge: 0,
      acrValues: 'mfa',
      parameters: { ui_locales: 'de', kc_idp_hint: 'corporate' },
    });
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      prompt: 'login',
      login_hint: 'alice@example.com',
      max_age: '0',
      acr_values: 'mfa',
      ui_locales: 'de',
      kc_idp_hint: 'corporate',
    });
  });

  test.each([
    'scope',
    'resource',
    'audience',
    'state',
    'nonce',
    'redirect_uri',
    'client_id',
    'response_type',
    'response_mode',
    'code_challenge',
    'code_challenge_method',
    'request',
    'request_uri',
    'dpop_jkt',
    'prompt',
    'login_hint',
    'max_age',
    'acr_values',
  ])('does not take %s from further parameters', async (name) => {
    const { login } = await start();
    const error = await failure(login.start({ parameters: { [name]: 'x' } }));
    expect(error).toBeInstanceOf(ConfigError);
    expect(error).toMatchObject({ problems: [{ path: `parameters.${name}` }] });
  });

  test('reports every problem of a request at once', async () => {
    const { login } = await start();
    const request = { prompt: 1, maxAge: -1, parameters: { ui_locales: ['de'], state: 'x' } };
    const error = (await failure(login.start(request as unknown as LoginRequest))) as ConfigError;
    expect(error.problems.map(({ path }) => path)).toEqual([
      'prompt',
      'maxAge',
      'parameters.ui_locales',
      'parameters.state',
    ]);
  });

  test('does not promise a maximum age that nothing proves', async () => {
    const { login } = await start({ legacy: { scope: 'profile:read' } });
    expect(await failure(login.start({ maxAge: 60 }))).toMatchObject({ problems: [{ path: 'maxAge' }] });
  });
});

describe('the maximum age of the authentication', () => {
  const authTime = (change: (now: number) => number | undefined) => ({
    '/token': async (json: Record<string, unknown>) => {
      const { auth_time: _, ...claims } = decodeJwt(String(json['id_token']));
      const authTime = change(Math.floor(Date.now() / 1000));
      const token = await signAsProvider({ ...claims, ...(authTime !== undefined && { auth_time: authTime }) });
      return { ...json, id_token: token };
    },
  });

  test.each<[number, string, (now: number) => number | undefined, boolean]>([
    [0, 'now', (now) => now, true],
    [0, 'a minute ago', (now) => now - 60, false],
    [0, 'at an unknown time', () => undefined, false],
    [300, 'a minute ago', (now) => now - 60, true],
    [300, 'ten minutes ago', (now) => now - 600, false],
  ])('of %s s: a user who authenticated %s', async (maxAge, _, change, isAccepted) => {
    const { login } = await start();
    rewriting.rewrites = authTime(change);
    const result = signIn(login, provider, { maxAge });
    if (isAccepted) expect((await result).subject).toBe('alice');
    else expect(await failure(result)).toMatchObject({ code: 'invalid_response', check: 'auth_time' });
  });

  test('counts to the request, so that a user may take their time to consent', async () => {
    const { login, switches } = await start();
    const { url, pending } = await login.start({ maxAge: 0 });
    const callback = await provider.browse(url);
    switches.nowMs += 300_000;
    expect((await login.finish(callback, pending)).subject).toBe('alice');
  });
});

describe('a provider that refuses target', () => {
  test.each([
    ['authorization', 'invalid_scope'],
    ['authorization', 'invalid_target'],
    ['authorization', 'unauthorized_client'],
    ['code', 'invalid_target'],
    ['code', 'invalid_resource'],
    ['code', 'access_denied'],
  ] as const)('at the %s with %s is asked for legacy, until the flag moves', async (at, error) => {
    const { login, issuance, events } = await start({}, { refuses: { at, asks: 'target', error } });
    issuance.percent = 100;
    const refusal = await failure(signIn(login, provider));
    expect(refusal).toMatchObject({ code: 'grant_refused', error, fallsBack: true });
    expect(events).toContainEqual({ type: 'fell_back', use: 'login', error, revision: '1' });

    const session = await signIn(login, provider);
    expect(session.token).toMatchObject({ asked: { side: 'legacy' }, side: 'legacy' });
    expect(events.at(-1)).toMatchObject({ type: 'mint', asked: 'target', minted: 'legacy' });
    issuance.revision = '2';
    expect(await failure(signIn(login, provider))).toMatchObject({ fallsBack: true });
  });

  test('does not fall back when a user declines, or the client is refused', async () => {
    const { login, issuance } = await start();
    issuance.percent = 100;
    provider.user = undefined;
    expect(await failure(signIn(login, provider))).toMatchObject({ isDeclined: true, fallsBack: false });
    provider.user = 'alice';
    rewriting.rewrites = { '/token': () => Response.json({ error: 'invalid_client' }, { status: 400 }) };
    expect(await failure(signIn(login, provider))).toMatchObject({ error: 'invalid_client', fallsBack: false });
  });

  test('is an error that says so once legacy is closed', async () => {
    const refuses = { at: 'authorization', asks: 'target', error: 'invalid_target' } as const;
    const { login, issuance, switches, events } = await start({}, { refuses });
    issuance.percent = 100;
    switches.isLegacyClosed = true;
    expect(await failure(signIn(login, provider))).toMatchObject({
      fallsBack: false,
      message: expect.stringContaining('legacy is closed'),
    });
    expect(events.map(({ type }) => type)).not.toContain('fell_back');
  });

  test('is asked for target again once legacy is closed', async () => {
    const refuses = { at: 'authorization', asks: 'target', error: 'invalid_target' } as const;
    const { login, issuance, switches } = await start({}, { refuses });
    issuance.percent = 100;
    await failure(signIn(login, provider));
    switches.isLegacyClosed = true;
    expect((await login.start({ key: 'alice' })).url.searchParams.get('resource')).toBe(TARGET_RESOURCE);
  });

  test('is asked for legacy by a login that is forced to target, too, until the flag moves', async () => {
    const refuses = { at: 'authorization', asks: 'target', error: 'invalid_target' } as const;
    const { login, issuance } = await start({}, { refuses });
    const forced = { key: 'tester', side: 'target' } as const;
    expect(await failure(signIn(login, provider, forced))).toMatchObject({ fallsBack: true });
    expect((await signIn(login, provider, forced)).token.side).toBe('legacy');
    await login.start({ key: 'alice' });
    expect((await signIn(login, provider, forced)).token.side).toBe('legacy');
    issuance.revision = '2';
    expect(await failure(signIn(login, provider, forced))).toMatchObject({ fallsBack: true });
  });
});

test('of combined selectors the selection keeps what was selected, and the fallback is legacy for all', async () => {
  const refuses = { at: 'authorization', error: 'invalid_target' } as const;
  provider = await startProvider({ capabilities: { refuses } });
  const legacy = { scope: 'openid profile:read' };
  const part = (salt: string, resource: string, percent: number) =>
    createSelector({
      legacy,
      target: { scope: `openid ${salt}:read`, resource },
      salt,
      issuance: () => ({ enabled: percent > 0, percent, revision: `${salt}-1`, sinceMs: null }),
    });
  const selector = combineSelectors([part('orders', TARGET_RESOURCE, 100), part('billing', BILLING_RESOURCE, 0)]);
  const login = createBrowserLogin({ ...provider, selector });
  const { url, pending } = await login.start({ key: 'alice' });
  const selected = { side: 'legacy', sides: { orders: 'target', billing: 'legacy' }, revision: 'orders-1+billing-1' };
  expect(pending).toMatchObject({ selection: selected, asked: { sides: selected.sides } });
  expect(await failure(login.finish(await provider.browse(url), pending))).toMatchObject({ fallsBack: true });
  const again = await login.start({ key: 'alice' });
  expect(again.pending).toMatchObject({
    selection: selected,
    asked: { side: 'legacy', sides: { orders: 'legacy', billing: 'legacy' } },
  });
  expect(again.url.searchParams.get('resource')).toBeNull();
});
