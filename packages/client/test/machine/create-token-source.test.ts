import { ConfigError } from '@crossfade/core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTokenSource } from '../../src/machine/create-token-source.ts';
import type { TokenSourceOptions } from '../../src/machine/token-source.ts';
import { audienceOf } from '../fixture/audience-of.ts';
import { issuanceFixture } from '../fixture/issuance-fixture.ts';
import {
  LEGACY_AUDIENCE,
  LEGACY_RESOURCE,
  type ProviderFixture,
  startProvider,
  TARGET_RESOURCE,
} from '../fixture/provider-fixture.ts';
import { callAtOnce, tokenFor, tokenSourceFixture } from '../fixture/token-source-fixture.ts';

let provider: ProviderFixture;
beforeEach(async () => {
  provider = await startProvider({ accessTokenSeconds: 300 });
});
afterEach(() => provider.close());

test('a token is requested once and cached', async () => {
  const { tokens } = tokenSourceFixture(provider, 0);
  const first = await tokens.token();
  expect(await tokens.token()).toBe(first);
  expect(audienceOf(first)).toBe(LEGACY_AUDIENCE);
  expect(provider.requests).toEqual(['client_credentials']);
});

test('1,000 callers at a flip share one request', async () => {
  const { tokens, issuance } = tokenSourceFixture(provider, 0);
  await callAtOnce(tokens, 50);
  issuance.percent = 100;
  await callAtOnce(tokens, 1000);
  // On a slow machine they get the valid token after half a second, and the next callers the new one.
  await tokenFor(TARGET_RESOURCE, tokens);
  expect(new Set(await callAtOnce(tokens, 1000)).size).toBe(1);
  expect(provider.requests).toHaveLength(2);
});

test('a token is renewed beside, early and once: the callers get the one that is valid', async () => {
  const { tokens, clock } = tokenSourceFixture(provider, 0);
  const first = await tokens.token();
  clock.ms += 179_999;
  expect(await tokens.token()).toBe(first);
  expect(provider.requests).toHaveLength(1);
  clock.ms += 1;
  expect(new Set(await callAtOnce(tokens, 20))).toEqual(new Set([first]));
  await expect.poll(() => tokens.token()).not.toBe(first);
  expect(provider.requests).toHaveLength(2);
});

test('an expired token is never returned', async () => {
  const { tokens, clock } = tokenSourceFixture(provider, 0);
  const first = await tokens.token();
  clock.ms += 300_000;
  expect(await tokens.token()).not.toBe(first);
});

test('the next call follows issuance, up and back down', async () => {
  const { tokens, issuance } = tokenSourceFixture(provider, 0);
  const before = await tokens.token();
  issuance.percent = 100;
  expect(audienceOf(before)).toBe(LEGACY_AUDIENCE);
  await tokenFor(TARGET_RESOURCE, tokens);
  issuance.percent = 0;
  expect(await tokens.token()).toBe(before);
});

test('a step of a ramp that does not move the machine requests nothing', async () => {
  const { tokens, issuance } = tokenSourceFixture(provider, 100);
  const first = await tokens.token();
  for (const revision of ['2', '3', '4']) {
    issuance.revision = revision;
    expect(await tokens.token()).toBe(first);
  }
  expect(provider.requests).toHaveLength(1);
});

test('a rollback is also followed after the cached token has expired', async () => {
  const { tokens, issuance, clock } = tokenSourceFixture(provider, 100);
  await tokens.token();
  issuance.percent = 0;
  clock.ms += 300_000;
  expect(audienceOf(await tokens.token())).toBe(LEGACY_AUDIENCE);
});

test('a switch that cannot be read moves no client', async () => {
  const { tokens, issuance } = tokenSourceFixture(provider, 100);
  const first = await tokens.token();
  issuance.broken = true;
  expect(await tokens.token()).toBe(first);
});

test('the client id is the default key', async () => {
  const { selector } = issuanceFixture();
  const keys: unknown[] = [];
  const watched: typeof selector = {
    ...selector,
    select(request) {
      keys.push(request.key);
      return selector.select(request);
    },
  };
  await tokenSourceFixture(provider, 0, { selector: watched }).tokens.token();
  await tokenSourceFixture(provider, 0, { selector: watched, key: 'nightly' }).tokens.token();
  expect(keys.filter((key) => key !== undefined)).toEqual(['web-app', 'nightly']);
});

test('the selection and the mint of each request are reported, and not those of each call', async () => {
  const { tokens, issuance, events } = tokenSourceFixture(provider, 100);
  await callAtOnce(tokens, 20);
  issuance.percent = 0;
  issuance.revision = '2';
  await callAtOnce(tokens, 20);
  await tokenFor(LEGACY_AUDIENCE, tokens);
  expect(events).toEqual([
    { type: 'selection', use: 'machine', side: 'target', reason: 'full', revision: '1' },
    { type: 'mint', use: 'machine', asked: 'target', minted: 'target', revision: '1' },
    { type: 'selection', use: 'machine', side: 'legacy', reason: 'disabled', revision: '2' },
    { type: 'mint', use: 'machine', asked: 'legacy', minted: 'legacy', revision: '2' },
  ]);
});

test('each side may have a provider of its own: a flip, a refusal and a rollback go to the right one', async () => {
  const other = await startProvider();
  try {
    const { tokens, issuance, clock } = tokenSourceFixture(provider, 0, {
      providers: { legacy: credentialsOf(provider), target: credentialsOf(other) },
    } as Partial<TokenSourceOptions>);
    expect(audienceOf(await tokens.token())).toBe(LEGACY_AUDIENCE);
    issuance.percent = 100;
    await tokenFor(TARGET_RESOURCE, tokens);
    other.refusesTarget = true;
    clock.ms += 300_000;
    expect(audienceOf(await tokens.token())).toBe(LEGACY_AUDIENCE);
    expect([provider.tokenResources, other.tokenResources]).toEqual([
      [LEGACY_RESOURCE, LEGACY_RESOURCE],
      [TARGET_RESOURCE, TARGET_RESOURCE],
    ]);
  } finally {
    await other.close();
  }
});

function credentialsOf({ issuer, clientId, clientSecret }: ProviderFixture) {
  return { issuer, clientId, clientSecret };
}

test.each([
  [{}, 'clientSecret: is required'],
  [{ clientAuthentication: 'none' }, 'clientSecret: is required'],
  [{ clientSecret: 's', key: '' }, 'key: must be a text'],
  [{ clientSecret: 's', apiFetch: 'x' }, 'apiFetch: must be a function'],
  [{ clientSecret: 's', random: 0.5 }, 'random: must be a function'],
  [{ clientSecret: 's', selector: undefined }, 'selector: is required'],
])('the options %j are refused', (change, message) => {
  const { selector } = issuanceFixture();
  const options = { issuer: provider.issuer, clientId: 'web-app', selector, ...change } as TokenSourceOptions;
  expect(() => createTokenSource(options)).toThrow(ConfigError);
  expect(() => createTokenSource(options)).toThrow(message);
});

test('of two providers, the one without credentials is named', () => {
  const { selector } = issuanceFixture();
  const target = { issuer: provider.issuer, clientId: 'web-app' };
  const options = { providers: { legacy: credentialsOf(provider), target }, selector };
  expect(() => createTokenSource(options)).toThrow(/^client: providers\.target\.clientSecret: is required[^;]*;[^;]*$/);
});
