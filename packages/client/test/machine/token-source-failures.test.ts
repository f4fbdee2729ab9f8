import type { ServerResponse } from 'node:http';
import { inspect } from 'node:util';
import { UnavailableError } from '@crossfade/core';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { GrantRefusedError } from '../../src/provider/errors.ts';
import { audienceOf } from '../fixture/audience-of.ts';
import {
  LEGACY_AUDIENCE,
  LEGACY_RESOURCE,
  type ProviderFixture,
  startProvider,
  TARGET_RESOURCE,
} from '../fixture/provider-fixture.ts';
import { callAtOnce, tokenSourceFixture } from '../fixture/token-source-fixture.ts';

let provider: ProviderFixture;
beforeEach(async () => {
  provider = await startProvider({ accessTokenSeconds: 300 });
});
afterEach(() => provider.close());

/** Counts the requests that `respond` handles instead of the provider. */
function fault(respond: (response: ServerResponse) => void): { requests: number } {
  const counter = { requests: 0 };
  provider.fault = (response) => {
    counter.requests += 1;
    respond(response);
  };
  return counter;
}

/** A machine with more tests than processors is slow. */
const WAIT = { timeout: 10_000 };

const hang = () => {};
const disconnect = (response: ServerResponse) => response.destroy();
const refuse = (error: string) => (response: ServerResponse) =>
  response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify({ error }));
const limit = (response: ServerResponse) => response.writeHead(429, { 'retry-after': '30' }).end();

test('while the provider hangs, every caller gets the valid token at once', async () => {
  const { tokens, clock } = tokenSourceFixture(provider, 0);
  const first = await tokens.token();
  const hanging = fault(hang);
  clock.ms += 250_000;
  const startedAtMs = performance.now();
  expect(new Set(await callAtOnce(tokens, 318))).toEqual(new Set([first]));
  expect(performance.now() - startedAtMs).toBeLessThan(1000);
  await expect.poll(() => hanging.requests).toBe(1);
});

test('while the provider hangs at a flip, callers wait half a second at most, then get the token of the other side', async () => {
  const { tokens, issuance, clock } = tokenSourceFixture(provider, 0);
  const first = await tokens.token();
  const hanging = fault(hang);
  issuance.percent = 100;
  const startedAtMs = performance.now();
  expect(new Set(await callAtOnce(tokens, 100))).toEqual(new Set([first]));
  const waitedMs = performance.now() - startedAtMs;
  expect(waitedMs).toBeGreaterThan(400);
  expect(waitedMs).toBeLessThan(5000);
  clock.ms += 500;
  const laterMs = performance.now();
  expect(new Set(await callAtOnce(tokens, 100))).toEqual(new Set([first]));
  expect(performance.now() - laterMs).toBeLessThan(400);
  expect(hanging.requests).toBe(1);
});

test('while the provider is down a valid token is used until it expires; after the wait a new one is requested', async () => {
  const { tokens, clock } = tokenSourceFixture(provider, 0);
  const first = await tokens.token();
  const down = fault(disconnect);
  clock.ms += 250_000;
  expect(new Set(await callAtOnce(tokens, 20))).toEqual(new Set([first]));
  await expect.poll(() => down.requests).toBeGreaterThan(0);
  clock.ms += 50_000;
  await expect(tokens.token()).rejects.toThrow(UnavailableError);
  provider.fault = undefined;
  await expect(tokens.token()).rejects.toThrow(UnavailableError);
  clock.ms += 10_000;
  expect(await tokens.token()).not.toBe(first);
});

test('if the provider is down when issuance moves, the cached token of the other side is used', async () => {
  const { tokens, issuance, clock } = tokenSourceFixture(provider, 0);
  const first = await tokens.token();
  issuance.percent = 100;
  fault(disconnect);
  expect(await tokens.token()).toBe(first);
  provider.fault = undefined;
  clock.ms += 5000;
  expect(audienceOf(await tokens.token())).toBe(TARGET_RESOURCE);
});

test('without a token, 200 calls after a 429 are one request, and the wait that it asked for is kept', async () => {
  const { tokens, clock } = tokenSourceFixture(provider, 0);
  await tokens.token();
  clock.ms += 300_000;
  const limited = fault(limit);
  const errors = await callAtOnce(tokens, 100);
  for (let calls = 0; calls < 100; calls += 1) errors.concat(await callAtOnce(tokens, 1));
  expect(new Set(errors).size).toBe(1);
  expect(errors[0]).toMatchObject({ code: 'unavailable', retryAfterSeconds: 30 });
  clock.ms += 29_999;
  await callAtOnce(tokens, 10);
  expect(limited.requests).toBe(1);
  provider.fault = undefined;
  clock.ms += 1;
  expect(audienceOf(await tokens.token())).toBe(LEGACY_AUDIENCE);
});

test('a refused client is one request for 200 calls; a token that is still valid hides it until it expires', async () => {
  const { tokens, clock } = tokenSourceFixture(provider, 0);
  const first = await tokens.token();
  const refused = fault(refuse('invalid_client'));
  clock.ms += 250_000;
  expect(new Set(await callAtOnce(tokens, 200))).toEqual(new Set([first]));
  // Until the renewal has failed: callers would join it.
  await expect(tokens.token({ not: first })).rejects.toThrow(GrantRefusedError);
  expect(refused.requests).toBe(1);
  clock.ms += 50_000;
  const errors = await callAtOnce(tokens, 200);
  expect(new Set(errors).size).toBe(1);
  expect(errors[0]).toMatchObject({ code: 'grant_refused', error: 'invalid_client' });
  expect(refused.requests).toBe(2);
});

test('a flip that the provider refuses is two requests: 200 calls get legacy tokens, until the flag has another revision', async () => {
  const { tokens, issuance, events, clock } = tokenSourceFixture(provider, 0);
  const first = await tokens.token();
  provider.refusesTarget = true;
  issuance.percent = 100;
  expect(new Set(await callAtOnce(tokens, 200))).toEqual(new Set([first]));
  await vi.waitFor(async () => expect(await tokens.token()).not.toBe(first), WAIT);
  const second = await tokens.token();
  expect(new Set(await callAtOnce(tokens, 200))).toEqual(new Set([second]));
  // The second one counts what the provider mints, though the token from before the flip is valid.
  expect(events.filter(({ type }) => type !== 'selection')).toEqual([
    { type: 'mint', use: 'machine', asked: 'legacy', minted: 'legacy', revision: '1' },
    { type: 'fell_back', use: 'machine', error: 'invalid_target', revision: '1' },
    { type: 'mint', use: 'machine', asked: 'target', minted: 'legacy', revision: '1' },
  ]);
  expect(provider.tokenResources).toEqual([LEGACY_RESOURCE, TARGET_RESOURCE, LEGACY_RESOURCE]);
  clock.ms += 300_000;
  expect(audienceOf(await tokens.token())).toBe(LEGACY_AUDIENCE);
  expect(provider.tokenResources).toHaveLength(4);

  provider.refusesTarget = false;
  issuance.revision = '2';
  expect(audienceOf(await tokens.token())).toBe(TARGET_RESOURCE);
});

test('a provider that refuses target, and then hangs, delays no caller', async () => {
  const { tokens, issuance } = tokenSourceFixture(provider, 0);
  const first = await tokens.token();
  issuance.percent = 100;
  const refused = fault((response) => (refused.requests === 1 ? refuse('invalid_target')(response) : hang()));
  expect(new Set(await callAtOnce(tokens, 200))).toEqual(new Set([first]));
  expect(new Set(await callAtOnce(tokens, 200))).toEqual(new Set([first]));
  await vi.waitFor(() => expect(refused.requests).toBe(2), WAIT);
});

test('without any token, a refused target is requested once more with legacy', async () => {
  const { tokens } = tokenSourceFixture(provider, 100);
  provider.refusesTarget = true;
  expect((await callAtOnce(tokens, 200)).map((token) => audienceOf(String(token)))).toEqual(
    Array(200).fill(LEGACY_AUDIENCE),
  );
  expect(provider.tokenResources).toEqual([TARGET_RESOURCE, LEGACY_RESOURCE]);
});

test('once legacy is closed there is no fallback, and the error says so', async () => {
  const fixture = tokenSourceFixture(provider, 100);
  provider.refusesTarget = true;
  fixture.acceptance = 'target';
  const errors = await callAtOnce(fixture.tokens, 200);
  expect(new Set(errors).size).toBe(1);
  expect(errors[0]).toMatchObject({ code: 'grant_refused', error: 'invalid_target', fallsBack: false });
  expect(String(errors[0])).toContain('legacy is closed');
  expect(provider.tokenResources).toEqual([TARGET_RESOURCE]);
  expect(fixture.events.map(({ type }) => type)).toEqual(['selection']);
});

test('once legacy is closed its cached token is not used either', async () => {
  const fixture = tokenSourceFixture(provider, 0);
  await fixture.tokens.token();
  fixture.issuance.percent = 100;
  fixture.acceptance = 'target';
  fault(disconnect);
  await expect(fixture.tokens.token()).rejects.toThrow(UnavailableError);
});

test('a provider that refuses both sides is two requests for 200 calls, and the error names both', async () => {
  const { tokens } = tokenSourceFixture(provider, 100);
  const metadata = await fetch(`${provider.issuer}/.well-known/openid-configuration`).then((response) =>
    response.text(),
  );
  const refused = fault((response) => {
    if (response.req.method === 'GET') response.writeHead(200, { 'content-type': 'application/json' }).end(metadata);
    else refuse(refused.requests === 2 ? 'invalid_target' : 'invalid_scope')(response);
  });
  const errors = [...(await callAtOnce(tokens, 100)), ...(await callAtOnce(tokens, 100))];
  expect(new Set(errors).size).toBe(1);
  expect(errors[0]).toBeInstanceOf(GrantRefusedError);
  expect(errors[0]).toMatchObject({ error: 'invalid_scope', message: expect.stringContaining('invalid_target') });
  // The metadata, target, legacy.
  expect(refused.requests).toBe(3);
});

test('a wrong secret is a refusal, and the error does not contain it', async () => {
  const { tokens } = tokenSourceFixture(provider, 0, { clientSecret: 'not-the-secret' });
  const error = await tokens.token().catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'grant_refused', error: 'invalid_client' });
  expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('not-the-secret');
});

test('a token that the API refused is replaced once for all callers, and the others keep it meanwhile', async () => {
  const { tokens } = tokenSourceFixture(provider, 0);
  const first = await tokens.token();
  const replaced = await Promise.all(Array.from({ length: 20 }, () => tokens.token({ not: first })));
  expect(new Set(replaced).size).toBe(1);
  expect(replaced[0]).not.toBe(first);
  expect(await tokens.token({ not: first })).toBe(replaced[0]);
  expect(provider.requests).toHaveLength(2);
});

test('an API that refuses every token costs one more token in half a minute, not one a call', async () => {
  const { tokens, clock } = tokenSourceFixture(provider, 0);
  let token = await tokens.token();
  for (let calls = 0; calls < 50; calls += 1) token = await tokens.token({ not: token });
  expect(provider.requests).toHaveLength(2);
  clock.ms += 30_000;
  expect(await tokens.token({ not: token })).not.toBe(token);
});

test('while the provider is down, a refused token is not replaced: its caller gets the error, the others the token', async () => {
  const { tokens } = tokenSourceFixture(provider, 0);
  const first = await tokens.token();
  fault(disconnect);
  await expect(tokens.token({ not: first })).rejects.toThrow(UnavailableError);
  expect(await tokens.token()).toBe(first);
});
