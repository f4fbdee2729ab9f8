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
    const { keySet, freshForMs } = await createKeySetFetcher([issuer.url], issuer.jwksUrl)(noTimeout);

    expect(keySet.jwks).toEqual({ keys: [key.publicJwk] });
    expect(freshForMs).toBeUndefined();
    expect(issuer.requests).toEqual(['/jwks']);
  });

  test('asks for changes only, where the issuer sends an ETag, and notices each', async () => {
    const fetchKeySet = createKeySetFetcher([issuer.url], issuer.jwksUrl);
    const publish = (kid: string, etag: string, cacheControl: string) => {
      const headers = { etag, 'cache-control': cacheControl };
      issuer.responses.set('/jwks', { json: { keys: [{ ...key.publicJwk, kid }] }, headers });
    };
    publish('a', '"1"', 'max-age=60');
    const first = await fetchKeySet(noTimeout);
    publish('not sent', '"1"', 'max-age=30');
    const second = await fetchKeySet(noTimeout);
    publish('b', '"2"', 'no-store');
    const third = await fetchKeySet(noTimeout);

    expect([first, second, third].map(({ keySet }) => keySet.jwks.keys[0]?.['kid'])).toEqual(['a', 'a', 'b']);
    expect([first, second, third].map(({ freshForMs }) => freshForMs)).toEqual([60_000, 30_000, 0]);
  });

  test('sends the ETag of one URL to no other', async () => {
    const fetchKeySet = createKeySetFetcher([issuer.url], undefined);
    issuer.responses.set('/jwks', { json: { keys: [key.publicJwk] }, headers: { etag: '"1"' } });
    await fetchKeySet(noTimeout);
    issuer.responses.set('/jwks', { status: 410 });
    await expect(fetchKeySet(noTimeout)).rejects.toThrow('answered 410');
    issuer.responses.set('/.well-known/openid-configuration', {
      json: { issuer: issuer.url, jwks_uri: `${issuer.url}/moved` },
    });
    issuer.responses.set('/moved', { json: { keys: [key.publicJwk] }, headers: { etag: '"1"' } });
    await fetchKeySet(noTimeout);

    expect(issuer.requests.at(-1)).toBe('/moved');
    expect(issuer.requestHeaders.at(-1)).not.toHaveProperty('if-none-match');
  });

  test('reads the metadata once, and again after the URL fails', async () => {
    const fetchKeySet = createKeySetFetcher([issuer.url], undefined);
    await fetchKeySet(noTimeout);
    await fetchKeySet(noTimeout);
    expect(issuer.requests).toEqual(['/.well-known/openid-configuration', '/jwks', '/jwks']);

    issuer.responses.set('/jwks', { status: 410 });
    await expect(fetchKeySet(noTimeout)).rejects.toThrow('answered 410');
    issuer.responses.set('/.well-known/openid-configuration', {
      json: { issuer: issuer.url, jwks_uri: `${issuer.url}/moved` },
    });
    issuer.responses.set('/moved', { json: { keys: [key.publicJwk] } });
    expect((await fetchKeySet(noTimeout)).keySet.jwks.keys).toHaveLength(1);
  });

  test.each([
    ['no keys', { json: { keys: [] } }, 'a JSON Web Key Set without keys'],
    ['private keys', { json: { keys: [{ ...key.publicJwk, d: 'AQ' }] } }, 'none usable: private or symmetric key'],
    ['no key set', { json: {} }, 'no JSON Web Key Set'],
  ])('rejects %s', async (_, response, message) => {
    issuer.responses.set('/jwks', response);

    await expect(createKeySetFetcher([issuer.url], issuer.jwksUrl)(noTimeout)).rejects.toThrow(message);
  });
});
