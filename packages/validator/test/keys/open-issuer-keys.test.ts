import { afterAll, expect, test } from 'vitest';
import { openIssuerKeys } from '../../src/keys/open-issuer-keys.ts';
import { createSigningKey, startIssuer } from '../issuer.ts';

const key = await createSigningKey({ kid: 'a' });
const issuer = await startIssuer(key);
afterAll(() => issuer.close());

test('local keys are available without a fetch, and never age or change', async () => {
  const keys = openIssuerKeys(issuer.url, { keys: [key.publicJwk] }, Date.now);
  const keySet = await keys.current();

  expect(keySet.jwks.keys).toEqual([key.publicJwk]);
  expect(await keys.newerThan(keySet)).toBe(keySet);
  expect(keys.status()).toEqual({ ageSeconds: 0, refreshes: { success: 0, failure: 0 } });
  expect(issuer.requests).toEqual([]);
});

test.each([
  ['a URL', issuer.jwksUrl],
  ['metadata', 'metadata' as const],
])('keys from %s are fetched when first needed', async (_, source) => {
  const keys = openIssuerKeys(issuer.url, source, Date.now);
  expect(keys.status().ageSeconds).toBeNull();

  const keySet = await keys.current();

  expect(keySet.jwks.keys).toEqual([key.publicJwk]);
  expect(keys.status()).toMatchObject({ refreshes: { success: 1, failure: 0 } });
});
