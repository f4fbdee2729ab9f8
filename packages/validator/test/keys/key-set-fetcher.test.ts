import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createKeySetFetcher } from '../../src/keys/key-set-fetcher.ts';
import { createSigningKey, startIssuer, type TestIssuer } from '../issuer.ts';

const key = await createSigningKey({ kid: 'a' });
const noTimeout = new AbortController().signal;
let issuer: TestIssuer;

beforeEach(async () => {
  issuer = await startIssuer(key);
});
afterEach(() => issuer.close());

describe('createKeySetFetcher', () => {
  test('fetches from the given URL without reading metadata', async () => {
    const keySet = await createKeySetFetcher(issuer.url, issuer.jwksUrl)(noTimeout);

    expect(keySet.jwks).toEqual({ keys: [key.publicJwk] });
    expect(issuer.requests).toEqual(['/jwks']);
  });

  test('reads the metadata once, and again after the URL fails', async () => {
    const fetchKeySet = createKeySetFetcher(issuer.url, undefined);
    await fetchKeySet(noTimeout);
    await fetchKeySet(noTimeout);
    expect(issuer.requests).toEqual(['/.well-known/openid-configuration', '/jwks', '/jwks']);

    issuer.responses.set('/jwks', { status: 410 });
    await expect(fetchKeySet(noTimeout)).rejects.toThrow('answered 410');
    issuer.responses.set('/.well-known/openid-configuration', {
      json: { issuer: issuer.url, jwks_uri: `${issuer.url}/moved` },
    });
    issuer.responses.set('/moved', { json: { keys: [key.publicJwk] } });
    expect((await fetchKeySet(noTimeout)).jwks.keys).toHaveLength(1);
  });

  test.each([
    ['no keys', { json: { keys: [] } }],
    ['private keys', { json: { keys: [{ ...key.publicJwk, d: 'AQ' }] } }],
    ['no key set', { json: {} }],
  ])('rejects %s', async (_, response) => {
    issuer.responses.set('/jwks', response);

    await expect(createKeySetFetcher(issuer.url, issuer.jwksUrl)(noTimeout)).rejects.toThrow('no public signature key');
  });
});
