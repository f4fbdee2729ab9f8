import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { findIntrospectionUrl, findJwksUrl } from '../../src/keys/issuer-metadata.ts';
import { startIssuer } from '../issuer.ts';

const server = await startIssuer();
const noTimeout = new AbortController().signal;

beforeEach(() => {
  server.responses.clear();
  server.requests.splice(0);
});
afterAll(() => server.close());

describe('findJwksUrl', () => {
  test('tries OpenID Connect Discovery first', async () => {
    const metadata = { issuer: server.url, jwks_uri: `${server.url}/keys` };
    server.responses.set('/.well-known/openid-configuration', { json: metadata });

    expect(await findJwksUrl([server.url], noTimeout)).toEqual(new URL(`${server.url}/keys`));
    expect(server.requests).toEqual(['/.well-known/openid-configuration']);
  });

  test('tries RFC 8414 next, each with its own position in the path', async () => {
    const issuer = `${server.url}/tenant/a`;
    const metadata = { issuer, jwks_uri: `${server.url}/keys` };
    server.responses.set('/.well-known/oauth-authorization-server/tenant/a', { json: metadata });

    expect(await findJwksUrl([issuer], noTimeout)).toEqual(new URL(`${server.url}/keys`));
    expect(server.requests).toEqual([
      '/tenant/a/.well-known/openid-configuration',
      '/.well-known/oauth-authorization-server/tenant/a',
    ]);
  });

  test('puts one slash into the metadata URL of an issuer that ends with a slash', async () => {
    const issuer = `${server.url}/`;
    server.responses.set('/.well-known/openid-configuration', { json: { issuer, jwks_uri: `${server.url}/keys` } });

    expect(await findJwksUrl([issuer], noTimeout)).toEqual(new URL(`${server.url}/keys`));
  });

  test('looks at the first spelling that is an https URL, and takes every spelling of the issuer in the metadata', async () => {
    const names = ['acme.com', 'http://idp.acme.com/adfs', server.url, `${server.url}/`, `${server.url}/other`];
    for (const issuer of names) {
      server.responses.set('/.well-known/openid-configuration', { json: { issuer, jwks_uri: `${server.url}/keys` } });
      expect(await findJwksUrl(names, noTimeout)).toEqual(new URL(`${server.url}/keys`));
    }
    expect(new Set(server.requests)).toEqual(new Set(['/.well-known/openid-configuration']));
  });

  test('finds no metadata of an issuer without an https URL, and asks no server for it', async () => {
    const message = 'acme.com is no https URL, so it has no metadata';

    await expect(findJwksUrl(['acme.com', 'http://idp.acme.com/adfs'], noTimeout)).rejects.toThrow(message);
  });

  test.each([
    [
      'another issuer',
      { issuer: 'https://evil.example.com', jwks_uri: 'https://evil.example.com/keys' },
      'another issuer',
    ],
    ['the issuer with an extra slash', { issuer: `${server.url}/`, jwks_uri: `${server.url}/keys` }, 'another issuer'],
    ['no issuer', { jwks_uri: `${server.url}/keys` }, 'names no issuer'],
    ['no keys', { issuer: server.url }, 'names no issuer or no jwks_uri'],
    ['keys at a relative URL', { issuer: server.url, jwks_uri: '/keys' }, 'names no issuer or no jwks_uri'],
    ['keys at an http URL', { issuer: server.url, jwks_uri: 'http://idp.example.com/keys' }, 'not https'],
    ['a list', [], 'names no issuer'],
  ])('rejects metadata of %s', async (_, json, message) => {
    server.responses.set('/.well-known/openid-configuration', { json });

    const failure = await findJwksUrl([server.url], noTimeout).catch((error: AggregateError) => error);

    expect(failure).toBeInstanceOf(AggregateError);
    expect(String((failure as AggregateError).errors[0])).toContain(message);
    expect(String((failure as AggregateError).errors[1])).toContain('answered 404');
  });
});

describe('findIntrospectionUrl', () => {
  test('tries RFC 8414 when the first metadata does not name the endpoint', async () => {
    const metadata = { issuer: server.url, introspection_endpoint: `${server.url}/introspect` };
    server.responses.set('/.well-known/openid-configuration', { json: { issuer: server.url, jwks_uri: server.url } });
    server.responses.set('/.well-known/oauth-authorization-server', { json: metadata });

    expect(await findIntrospectionUrl([server.url], noTimeout)).toEqual(new URL(`${server.url}/introspect`));
  });

  test('rejects an http endpoint, so that no token is sent there', async () => {
    const metadata = { issuer: server.url, introspection_endpoint: 'http://idp.example.com/introspect' };
    server.responses.set('/.well-known/openid-configuration', { json: metadata });

    await expect(findIntrospectionUrl([server.url], noTimeout)).rejects.toMatchObject({
      errors: [expect.objectContaining({ message: expect.stringContaining('not https') }), expect.any(Error)],
    });
  });
});
