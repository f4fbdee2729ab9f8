import { expect, test } from 'vitest';
import { createReachability } from '../../src/bff/reachability.ts';
import { startProvider } from '../fixture/provider-fixture.ts';

function checkOf(issuer: string) {
  const clock = { ms: 0 };
  return { clock, isReachable: createReachability(issuer, undefined, () => clock.ms) };
}

test('concurrent checks are one request, and its result is used for ten seconds', async () => {
  const provider = await startProvider();
  try {
    const { clock, isReachable } = checkOf(provider.issuer);
    const results = await Promise.all(Array.from({ length: 20 }, () => isReachable()));
    expect(new Set(results)).toEqual(new Set([true]));
    clock.ms += 9999;
    await isReachable();
    expect(provider.paths).toEqual(['/.well-known/openid-configuration']);
    clock.ms += 1;
    await isReachable();
    expect(provider.paths).toHaveLength(2);
  } finally {
    await provider.close();
  }
});

test('a provider that fails is asked again after half a minute', async () => {
  const provider = await startProvider();
  try {
    const { clock, isReachable } = checkOf(provider.issuer);
    provider.fault = (response) => response.writeHead(503).end();
    expect(await isReachable()).toBe(false);
    provider.fault = undefined;
    clock.ms += 29_999;
    expect(await isReachable()).toBe(false);
    clock.ms += 1;
    expect(await isReachable()).toBe(true);
  } finally {
    await provider.close();
  }
});

test('a provider that has no such document is reachable, and one that is gone is not', async () => {
  const provider = await startProvider();
  const { isReachable } = checkOf(`${provider.issuer}/elsewhere/`);
  expect(await isReachable()).toBe(true);
  await provider.close();
  expect(await checkOf(provider.issuer).isReachable()).toBe(false);
});
