import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createKeySetFetcher } from '../../src/keys/key-set-fetcher.ts';
import { createSigningKey, startIssuer, type TestIssuer } from '../issuer.ts';

const key = await createSigningKey({ kid: 'a' });
const patient = new AbortController().signal;
let issuer: TestIssuer;

beforeEach(async () => {
  issuer = await startIssuer(key);
});
afterEach(() => issuer.close());

describe('createKeySetFetcher', () => {
  test('fetches from the URL it was given, and asks for no metadata', async () => {
    const keySet = await createKeySetFetcher(issuer.url, issuer.jwksUrl)(patient);

    expect(keySet.jwks).toEqual({ keys: [key.publicJwk] });
    expect(issuer.requests).toEqual(['/jwks']);
  });

  test('finds the URL in the metadata once, and again when that place fails', async () => {
    const fetchKeySet = createKeySetFetcher(issuer.url, undefined);
    await fetchKeySet(patient);
    await fetchKeySet(patient);
    expect(issuer.requests).toEqual(['/.well-known/openid-configuration', '/jwks', '/jwks']);

    issuer.responses.set('/jwks', { status: 410 });
    await expect(fetchKeySet(patient)).rejects.toThrow('answered 410');
    issuer.responses.set('/.well-known/openid-configuration', {
      json: { issuer: issuer.url, jwks_uri: `${issuer.url}/moved` },
    });
    issuer.responses.set('/moved', { json: { keys: [key.publicJwk] } });
    expect((await fetchKeySet(patient)).jwks.keys).toHaveLength(1);
  });

  test.each([
    ['no keys', { json: { keys: [] } }],
    ['private keys', { json: { keys: [{ ...key.publicJwk, d: 'AQ' }] } }],
    ['no key set', { json: {} }],
  ])('refuses %s', async (_, answer) => {
    issuer.responses.set('/jwks', answer);

    await expect(createKeySetFetcher(issuer.url, issuer.jwksUrl)(patient)).rejects.toThrow('no public signature key');
  });
});
