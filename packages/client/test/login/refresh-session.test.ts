import { UnavailableError } from '@crossfade/core';
import { decodeJwt } from 'jose';
import { afterEach, describe, expect, test } from 'vitest';
import type { ClientEvent } from '../../src/events/client-event.ts';
import type { LoginSession } from '../../src/login/browser-login.ts';
import { createBrowserLogin } from '../../src/login/create-browser-login.ts';
import { audienceOf } from '../fixture/audience-of.ts';
import { type IssuanceFixtureOptions, issuanceFixture } from '../fixture/issuance-fixture.ts';
import type { ProviderCapabilities } from '../fixture/provider-capabilities.ts';
import {
  LEGACY_AUDIENCE,
  type ProviderFixture,
  signAsProvider,
  startProvider,
  TARGET_RESOURCE,
} from '../fixture/provider-fixture.ts';
import { type RewritingFetch, rewritingFetch } from '../fixture/rewriting-fetch.ts';
import { failure, signIn } from '../fixture/sign-in.ts';

let provider: ProviderFixture;
afterEach(() => provider.close());

interface Application {
  readonly login: ReturnType<typeof createBrowserLogin>;
  readonly issuance: ReturnType<typeof issuanceFixture>;
  readonly rewriting: RewritingFetch;
  readonly events: ClientEvent[];
  closed: boolean;
  signIn(): Promise<LoginSession>;
  /** What was emitted since the last call, without selections. */
  emitted(): ClientEvent[];
}

async function start(capabilities: ProviderCapabilities = {}, options: IssuanceFixtureOptions = {}) {
  provider = await startProvider({ capabilities });
  const issuance = issuanceFixture({ refresh: 'retarget', ...options });
  const events: ClientEvent[] = [];
  const rewriting = rewritingFetch();
  const login = createBrowserLogin({
    ...provider,
    selector: issuance.selector,
    fetch: rewriting.fetch,
    acceptance: () => (application.closed ? 'target' : 'both'),
    onEvent: (event) => events.push(event),
  });
  const application: Application = {
    login,
    issuance,
    rewriting,
    events,
    closed: false,
    signIn: () => signIn(login, provider),
    emitted: () => events.splice(0).filter(({ type }) => type !== 'selection'),
  };
  return application;
}

const refreshes = () => provider.requests.filter((grant) => grant === 'refresh_token').length;
const outcome = (outcome: string) => expect.objectContaining({ type: 'refresh', outcome });
const mint = (asked: string, minted: string) =>
  expect.objectContaining({ type: 'mint', use: 'refresh', asked, minted });

describe('a move', () => {
  test('that is granted is an event, and the session stays the one of its login', async () => {
    const { login, issuance, signIn, emitted } = await start({ widens: true });
    const session = await signIn();
    issuance.percent = 100;
    emitted();
    const moved = await login.refresh(session);
    expect(audienceOf(moved.token.accessToken)).toBe(TARGET_RESOURCE);
    expect(moved).toMatchObject({
      selection: { side: 'legacy' },
      token: { asked: { side: 'target' }, side: 'target' },
    });
    expect(emitted()).toEqual([mint('target', 'target'), outcome('moved')]);
    expect(moved).not.toHaveProperty('moveRefusedAt');
  });

  test.each(['invalid_scope', 'invalid_target', 'unauthorized_client', 'invalid_resource', 'access_denied'])(
    'that is refused with %s keeps the session, and is not asked again until the flag moves',
    async (error) => {
      const { login, issuance, signIn, emitted } = await start({ refuses: { at: 'refresh', asks: 'target', error } });
      const session = await signIn();
      issuance.percent = 100;
      emitted();
      const stayed = await login.refresh(session);
      expect(stayed).toMatchObject({ moveRefusedAt: '1', token: { side: 'legacy', asked: { side: 'legacy' } } });
      expect(emitted()).toEqual([mint('target', 'legacy'), outcome('not_granted')]);
      expect(refreshes()).toBe(2);

      const again = await login.refresh(stayed);
      expect(refreshes()).toBe(3);
      expect(emitted()).toEqual([mint('target', 'legacy'), outcome('refreshed')]);
      issuance.revision = '2';
      expect(await login.refresh(again)).toMatchObject({ moveRefusedAt: '2' });
      expect(refreshes()).toBe(5);
    },
  );

  test.each(['interaction_required', 'consent_required', 'login_required', 'invalid_grant', 'invalid_request'])(
    'that is answered with %s does not end the session either',
    async (error) => {
      const { login, issuance, signIn } = await start({ refuses: { at: 'refresh', asks: 'target', error } });
      const session = await signIn();
      issuance.percent = 100;
      const stayed = await login.refresh(session);
      expect(audienceOf(stayed.token.accessToken)).toBe(LEGACY_AUDIENCE);
    },
  );

  test('of a session that is forced to target follows the flag as well, once it was refused', async () => {
    const refuses = { at: 'refresh', asks: 'target', error: 'invalid_target' } as const;
    const { login, issuance, signIn } = await start({ refuses });
    const session = await signIn();
    const stayed = await login.refresh({ ...session, selection: { ...session.selection, forced: 'target' } });
    expect([stayed.moveRefusedAt, refreshes()]).toEqual(['1', 2]);
    const again = await login.refresh(stayed);
    expect(refreshes()).toBe(3);
    issuance.revision = '2';
    expect([(await login.refresh(again)).moveRefusedAt, refreshes()]).toEqual(['2', 5]);
  });

  test('that the provider ignores is seen in its response, and not asked again until the flag moves', async () => {
    const { login, issuance, signIn, emitted } = await start({ mints: { refresh: 'default' }, widens: true });
    const session = await signIn();
    issuance.percent = 100;
    emitted();
    const ignored = await login.refresh(session);
    expect(audienceOf(ignored.token.accessToken)).toBe(LEGACY_AUDIENCE);
    expect(ignored).toMatchObject({ moveRefusedAt: '1', token: { side: 'legacy', asked: { side: 'target' } } });
    expect(emitted()).toEqual([mint('target', 'legacy'), outcome('not_granted')]);
    await login.refresh(ignored);
    expect(provider.grants.at(-1)?.['resource']).toBeUndefined();
  });

  test('whose response shows nothing is never counted as target', async () => {
    const { login, issuance, signIn, emitted } = await start({
      mints: { refresh: 'default' },
      showsScope: false,
      widens: true,
    });
    const session = await signIn();
    issuance.percent = 100;
    emitted();
    expect((await login.refresh(session)).token.side).toBe('unknown');
    expect(emitted()).toEqual([mint('target', 'unknown'), outcome('moved')]);
  });
});

describe('once legacy is closed', () => {
  test('a session that a refresh cannot move is sent to log in, without a request for legacy', async () => {
    const application = await start({}, { refresh: 'keep' });
    const session = await application.signIn();
    application.issuance.percent = 100;
    application.closed = true;
    expect(await failure(application.login.refresh(session))).toMatchObject({
      code: 'login_required',
      endsSession: false,
      message: expect.stringContaining('legacy is closed'),
    });
    expect(refreshes()).toBe(0);
  });

  test('a move that is refused is not followed by a request for legacy', async () => {
    const application = await start({ refuses: { at: 'refresh', asks: 'target', error: 'invalid_target' } });
    const session = await application.signIn();
    application.issuance.percent = 100;
    application.closed = true;
    expect(await failure(application.login.refresh(session))).toMatchObject({
      code: 'login_required',
      message: expect.stringContaining('legacy is closed'),
    });
    expect(refreshes()).toBe(1);
  });

  test('a session on target is refreshed', async () => {
    const application = await start();
    application.issuance.percent = 100;
    const session = await application.signIn();
    application.closed = true;
    expect(audienceOf((await application.login.refresh(session)).token.accessToken)).toBe(TARGET_RESOURCE);
  });
});

describe('a refresh on the side of the session', () => {
  test.each(['interaction_required', 'consent_required', 'login_required'])(
    'that is answered with %s asks for a login, and the session stays',
    async (error) => {
      const { login, signIn, emitted } = await start({ refuses: { at: 'refresh', error } });
      const session = await signIn();
      emitted();
      expect(await failure(login.refresh(session))).toMatchObject({ code: 'login_required', endsSession: false });
      expect(emitted()).toEqual([outcome('login_required')]);
    },
  );

  test('with a refresh token that was never rotated is a session that ended', async () => {
    const { login, signIn, emitted } = await start();
    const session = await signIn();
    await login.refresh(session);
    emitted();
    expect(await failure(login.refresh(session))).toMatchObject({ code: 'login_required', endsSession: true });
    expect(emitted()).toEqual([outcome('login_required')]);
  });

  test('with a rotated refresh token that was spent is reuse', async () => {
    const { login, signIn, emitted } = await start();
    const second = await login.refresh(await signIn());
    await login.refresh(second);
    emitted();
    expect(await failure(login.refresh(second))).toMatchObject({ code: 'login_required', endsSession: true });
    expect(emitted()).toEqual([{ type: 'refresh_reuse' }, outcome('reused')]);
  });

  test('of a client that the provider refuses is no login', async () => {
    const { login, signIn, rewriting, emitted } = await start();
    const session = await signIn();
    rewriting.rewrites = { '/token': () => Response.json({ error: 'invalid_client' }, { status: 400 }) };
    emitted();
    expect(await failure(login.refresh(session))).toMatchObject({ code: 'grant_refused', error: 'invalid_client' });
    expect(emitted()).toEqual([outcome('refused')]);
  });

  test('during an outage leaves the session valid', async () => {
    const { login, signIn, emitted } = await start();
    const session = await signIn();
    provider.fault = (response) => response.writeHead(500).end();
    emitted();
    expect(await failure(login.refresh(session))).toBeInstanceOf(UnavailableError);
    expect(emitted()).toEqual([outcome('unavailable')]);
    provider.fault = undefined;
    await login.refresh(session);
  });
});

describe('the ID token of a refresh', () => {
  async function refreshWith(change: (claims: Record<string, unknown>) => Promise<string> | string) {
    const application = await start();
    const session = await application.signIn();
    application.rewriting.rewrites = {
      '/token': async (json) => ({ ...json, id_token: await change(decodeJwt(String(json['id_token']))) }),
    };
    application.emitted();
    return { ...application, session };
  }

  test.each([
    ['another user', { sub: 'mallory' }],
    ['another issuer', { iss: 'https://evil.example.com' }],
    ['another user, and expired', { sub: 'mallory', exp: 1 }],
    ['another issuer, and not valid yet', { iss: 'https://evil.example.com', nbf: 4_000_000_000 }],
  ])('for %s ends the session', async (_, changed) => {
    const { login, session, emitted } = await refreshWith((claims) => signAsProvider({ ...claims, ...changed }));
    const error = await failure(login.refresh(session));
    expect(error).toMatchObject({ code: 'login_required', endsSession: true });
    expect(String(error)).not.toMatch(/mallory|evil/);
    expect(emitted()).toEqual([outcome('identity_changed')]);
  });

  test.each([
    ['with the nonce of another login', 'nonce', { nonce: 'another' }],
    ['for another client', 'aud', { aud: 'another-client' }],
    ['for several clients', 'aud', { aud: ['web-app', 'another-client'] }],
    ['that another client asked for', 'azp', { aud: ['web-app', 'b'], azp: 'b' }],
  ])('%s is refused', async (_, check, changed) => {
    const { login, session } = await refreshWith((claims) => signAsProvider({ ...claims, ...changed }));
    expect(await failure(login.refresh(session))).toMatchObject({ code: 'invalid_response', check });
  });

  test.each<[string, (claims: Record<string, unknown>) => Promise<string> | string]>([
    ['that has expired, as that of the login', (claims) => signAsProvider({ ...claims, exp: 1 })],
    ['that is not valid yet', (claims) => signAsProvider({ ...claims, nbf: 4_000_000_000 })],
    ['without an expiry', ({ exp: _, ...claims }) => signAsProvider(claims)],
    ['that has expired, and names no user', ({ sub: _, ...claims }) => signAsProvider({ ...claims, exp: 1 })],
    ['that is no JWT', () => 'garbage'],
  ])('%s is left out, and the session lives', async (_, change) => {
    const { login, session, rewriting } = await refreshWith(change);
    const refreshed = await login.refresh(session);
    expect(refreshed.idToken).toBe(session.idToken);
    rewriting.rewrites = {};
    expect((await login.refresh(refreshed)).token.accessToken).not.toBe(refreshed.token.accessToken);
  });

  test('with another signature is refused', async () => {
    const { login, session } = await refreshWith(async (claims) => {
      const [head, body] = (await signAsProvider(claims)).split('.');
      return `${head}.${body}.${'A'.repeat(342)}`;
    });
    expect(await failure(login.refresh(session))).toMatchObject({ code: 'invalid_response', check: 'signature' });
  });

  test('whose keys cannot be fetched is left out, and the session lives', async () => {
    const { login, signIn, rewriting } = await start();
    const session = await signIn();
    const restarted = createBrowserLogin({
      ...provider,
      selector: issuanceFixture().selector,
      fetch: rewriting.fetch,
    });
    rewriting.rewrites = { '/jwks': () => new Response(null, { status: 500 }) };
    const refreshed = await restarted.refresh(session);
    expect(refreshed.idToken).toBe(session.idToken);
    expect(refreshed.refreshToken).not.toBe(session.refreshToken);
    rewriting.rewrites = {};
    expect((await login.refresh(refreshed)).subject).toBe('alice');
  });

  test('that is missing leaves the one of the login', async () => {
    const { login, signIn, rewriting } = await start();
    const session = await signIn();
    rewriting.rewrites = { '/token': ({ id_token: _, ...json }) => json };
    expect(await login.refresh(session)).toMatchObject({ idToken: session.idToken, subject: 'alice' });
  });
});

test('a refresh without another refresh token keeps the one it has', async () => {
  const { login, signIn } = await start({ rotates: false });
  const session = await signIn();
  const refreshed = await login.refresh(session);
  expect(refreshed.refreshToken).toBe(session.refreshToken);
  expect(refreshed).not.toHaveProperty('isRotated');
  expect((await login.refresh(refreshed)).token.side).toBe('legacy');
});

test('a refresh asks the selector, and says so', async () => {
  const { login, signIn, events, issuance } = await start({}, { refresh: 'keep' });
  const session = await signIn();
  issuance.percent = 100;
  events.length = 0;
  await login.refresh(session);
  expect(events[0]).toEqual({ type: 'selection', use: 'refresh', side: 'target', reason: 'full', revision: '1' });
  expect(events[1]).toEqual(mint('legacy', 'legacy'));
});
