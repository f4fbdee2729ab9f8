import { describe, expect, test } from 'vitest';
import { readTokenFacts } from '../../src/jwt/token-facts.ts';

const CLAIMS = { iss: 'https://idp.example.com', exp: 2000 };

function facts(claims: Record<string, unknown>, type?: string) {
  const jws = { token: '', algorithm: 'ES256', keyId: undefined, type };
  return readTokenFacts({ ...jws, claims: { ...CLAIMS, ...claims } });
}

describe('readTokenFacts', () => {
  test('reads an RFC 9068 token', () => {
    const claims = {
      aud: 'api',
      sub: 'u1',
      client_id: 'web',
      scope: 'a b',
      iat: 1000,
      nbf: 999.5,
      exp: 2000.5,
    };

    expect(facts(claims, 'at+JWT')).toEqual({
      issuer: CLAIMS.iss,
      algorithm: 'ES256',
      type: 'at+jwt',
      audiences: ['api'],
      subject: 'u1',
      clientId: 'web',
      scope: ['a', 'b'],
      issuedAt: 1000,
      notBefore: 999.5,
      expiresAt: 2000.5,
      binding: undefined,
      claims: { ...CLAIMS, ...claims },
    });
  });

  test('leaves absent claims undefined or empty', () => {
    expect(facts({})).toMatchObject({ type: undefined, audiences: [], subject: undefined, clientId: undefined });
    expect(facts({})).toMatchObject({ scope: [], issuedAt: undefined, notBefore: undefined });
  });

  test.each([
    ['application/at+jwt', 'at+jwt'],
    ['JWT', 'jwt'],
    ['', ''],
  ])('reads the type %s as a media type', (typ, type) => {
    expect(facts({}, typ)?.type).toBe(type);
  });

  test.each([
    ['client_id before azp', { client_id: 'a', azp: 'b' }, 'a'],
    ['azp, as Keycloak sends it', { azp: 'b' }, 'b'],
    ['appid, as Entra sends it', { appid: 'c' }, 'c'],
    ['cid, as Okta sends it', { cid: 'd' }, 'd'],
  ])('finds the client in %s', (_, claims, clientId) => {
    expect(facts(claims)?.clientId).toBe(clientId);
  });

  test.each([
    ['a list', { scope: ['a', 'b'] }, ['a', 'b']],
    ['scp as text', { scp: 'a b' }, ['a', 'b']],
    ['scp as a list', { scp: ['a', 'b'] }, ['a', 'b']],
    ['text with extra spaces', { scope: ' a  b ' }, ['a', 'b']],
    ['empty text', { scope: '' }, []],
  ])('reads scope from %s', (_, claims, scope) => {
    expect(facts(claims)?.scope).toEqual(scope);
  });

  test('reads the binding of a token', () => {
    const key = 'a'.repeat(43);

    expect(facts({ cnf: { jkt: key } })?.binding).toEqual({ key, certificate: undefined });
    expect(facts({ cnf: null })?.binding).toBe('unprovable');
  });

  test.each([
    ['exp', undefined],
    ['exp', null],
    ['exp', '2000'],
    ['exp', Number.POSITIVE_INFINITY],
    ['exp', 1e300],
    ['exp', true],
    ['nbf', '1000'],
    ['nbf', Number.NEGATIVE_INFINITY],
    ['iat', [1000]],
    ['iat', null],
    ['iss', ['https://idp.example.com']],
    ['sub', 1],
    ['sub', { $ne: '' }],
    ['client_id', 1],
    ['azp', ['a']],
    ['aud', 1],
    ['aud', ['api', 1]],
    ['aud', { 0: 'api', length: 1 }],
    ['aud', null],
    ['scope', 1],
    ['scope', { a: 1 }],
    ['scp', [['a']]],
  ])('reads nothing from a token whose %s is %j', (name, value) => {
    expect(facts({ [name]: value })).toBeUndefined();
  });
});
