import { inspect } from 'node:util';
import { ConfigError, UnavailableError } from '@crossfade/core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTokenSource, type TokenSource, type TokenSourceOptions } from '../../src/machine/create-token-source.ts';
import { audienceOf } from '../fixture/audience-of.ts';
import { issuanceFixture } from '../fixture/issuance-fixture.ts';
import { LEGACY_AUDIENCE, type ProviderFixture, startProvider, TARGET_RESOURCE } from '../fixture/provider-fixture.ts';

let provider: ProviderFixture;
beforeEach(async () => {
  provider = await startProvider({ accessTokenSeconds: 300 });
});
afterEach(() => provider.close());

const legacy = { scope: 'profile:read' };
const target = { scope: 'orders:read', resource: TARGET_RESOURCE };
const unreachable = (response: { destroy(): void }) => response.destroy();

async function sourceAt(percent: number, options: Partial<TokenSourceOptions> = {}) {
  const issuance = issuanceFixture({ legacy, target });
  issuance.percent = percent;
  const clock = { ms: 1_800_000_000_000 };
  const tokens: TokenSource = createTokenSource({
    ...provider,
    selector: issuance.selector,
    now: () => clock.ms,
    ...options,
  });
  return { issuance, clock, tokens };
}

test('a token is requested once and cached', async () => {
  const { tokens } = await sourceAt(0);
  const first = await tokens.token();
  expect(await tokens.token()).toBe(first);
  expect(audienceOf(first)).toBe(LEGACY_AUDIENCE);
  expect(provider.requests).toEqual(['client_credentials']);
});

test('concurrent calls share one request', async () => {
  const { tokens } = await sourceAt(0);
  const minted = await Promise.all(Array.from({ length: 50 }, () => tokens.token()));
  expect(new Set(minted).size).toBe(1);
  expect(provider.requests).toHaveLength(1);
});

test('a token is renewed one minute before it expires, and not earlier', async () => {
  const { tokens, clock } = await sourceAt(0);
  const first = await tokens.token();
  clock.ms += 239_999;
  expect(await tokens.token()).toBe(first);
  clock.ms += 1;
  expect(await tokens.token()).not.toBe(first);
});

test('the next call follows issuance, up and back down', async () => {
  const { tokens, issuance } = await sourceAt(0);
  const before = await tokens.token();
  issuance.percent = 100;
  const moved = await tokens.token();
  issuance.percent = 0;
  const back = await tokens.token();
  expect([before, moved, back].map(audienceOf)).toEqual([LEGACY_AUDIENCE, TARGET_RESOURCE, LEGACY_AUDIENCE]);
  expect(back).toBe(before);
});

test('a rollback is also followed after the cached token has expired', async () => {
  const { tokens, issuance, clock } = await sourceAt(100);
  await tokens.token();
  issuance.percent = 0;
  clock.ms += 300_000;
  expect(audienceOf(await tokens.token())).toBe(LEGACY_AUDIENCE);
});

test('a switch that cannot be read moves no client', async () => {
  const { tokens, issuance } = await sourceAt(100);
  const first = await tokens.token();
  issuance.broken = true;
  expect(await tokens.token()).toBe(first);
});

test('the client id is the default key', async () => {
  const { selector } = issuanceFixture({ legacy, target });
  const keys: unknown[] = [];
  const watched = {
    ...selector,
    select(request: Parameters<typeof selector.select>[0]) {
      keys.push(request.key);
      return selector.select(request);
    },
  };
  await createTokenSource({ ...provider, selector: watched }).token();
  await createTokenSource({ ...provider, selector: watched, key: 'nightly' }).token();
  expect(keys).toEqual(['web-app', 'nightly']);
});

test('while the provider is down a valid token is used, with a pause between attempts', async () => {
  const { tokens, clock } = await sourceAt(0);
  const first = await tokens.token();
  let attempts = 0;
  provider.fault = (response) => {
    attempts += 1;
    unreachable(response);
  };
  clock.ms += 250_000;
  expect(await tokens.token()).toBe(first);
  const afterOne = attempts;
  expect(await tokens.token()).toBe(first);
  expect(attempts).toBe(afterOne);
  clock.ms += 5000;
  expect(await tokens.token()).toBe(first);
  expect(attempts).toBeGreaterThan(afterOne);
  clock.ms += 50_000;
  await expect(tokens.token()).rejects.toThrow(UnavailableError);
  provider.fault = undefined;
  expect(await tokens.token()).not.toBe(first);
});

test('if the provider is down when issuance moves, the cached token of the other side is used', async () => {
  const { tokens, issuance, clock } = await sourceAt(0);
  const first = await tokens.token();
  issuance.percent = 100;
  provider.fault = unreachable;
  expect(await tokens.token()).toBe(first);
  provider.fault = undefined;
  clock.ms += 5000;
  expect(audienceOf(await tokens.token())).toBe(TARGET_RESOURCE);
});

test('a refusal is not an outage, and is not hidden by a cached token', async () => {
  const { tokens, clock } = await sourceAt(0);
  await tokens.token();
  provider.fault = (response) =>
    response.writeHead(400, { 'content-type': 'application/json' }).end('{"error":"unauthorized_client"}');
  clock.ms += 250_000;
  await expect(tokens.token()).rejects.toMatchObject({ code: 'grant_refused', error: 'unauthorized_client' });
});

test('a wrong secret is a refusal, and the error does not contain it', async () => {
  const { tokens } = await sourceAt(0, { clientSecret: 'not-the-secret' });
  const error = await tokens.token().catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'grant_refused', error: 'invalid_client' });
  expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('not-the-secret');
});

test('a secret is required', () => {
  const { selector } = issuanceFixture();
  const options = { issuer: provider.issuer, clientId: 'web-app', selector } as TokenSourceOptions;
  expect(() => createTokenSource(options)).toThrow(ConfigError);
});
