import { describe, expect, test } from 'vitest';
import { hasNoAudience, readTokenFacts } from '../../src/jwt/token-facts.ts';

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

  test.each(['sub', 'aud', 'nbf', 'iat', 'scope', 'client_id', 'azp'])('reads %s: null as absent', (name) => {
    const { claims: _, ...absent } = facts({}) ?? {};

    expect(facts({ [name]: null })).toMatchObject(absent);
  });

  test('takes the next name of the client where one is no name', () => {
    expect(facts({ client_id: null, azp: '', appid: { id: 'a' }, cid: 'd' })?.clientId).toBe('d');
  });

  test.each([42, ['web-app'], { id: 'web-app' }, '', true])('reads no client from cid %j', (cid) => {
    expect(facts({ cid })?.clientId).toBeUndefined();
  });

  test.each([
    ['a number', 1],
    ['an object', { a: 1 }],
    ['nested lists', [['a']]],
  ])('grants no scope for %s', (_, scp) => {
    expect(facts({ scp })?.scope).toEqual([]);
  });

  test('reads the scope values of a list, and of an entry that holds several', () => {
    expect(facts({ scope: ['a b', 1, 'c'] })?.scope).toEqual(['a', 'b', 'c']);
  });

  test.each([
    [1, '1'],
    [0, '0'],
    [Number.MAX_SAFE_INTEGER, '9007199254740991'],
    [Number.MAX_SAFE_INTEGER + 1, undefined],
    [1.5, undefined],
  ])('reads the subject %d as %s, but never as that of another user', (sub, subject) => {
    expect(facts({ sub })).toMatchObject({ subject });
  });

  test.each(['1000', [1000], true, 1e300])('leaves an iat of %j unknown, because nothing depends on it', (iat) => {
    expect(facts({ iat })).toMatchObject({ issuedAt: undefined, expiresAt: 2000 });
  });

  test('reads an iat of the future, but none after the expiry, which is no time in seconds', () => {
    expect(facts({ iat: 2000 })?.issuedAt).toBe(2000);
    expect(facts({ iat: 1_000_000 })?.issuedAt).toBeUndefined();
  });

  test.each([[undefined], [null], [[]], [''], [['', '']]])('takes aud %j for no audience', (aud) => {
    expect(facts({ aud })?.audiences).toEqual([]);
  });

  test('keeps empty text next to an audience, so that it can be refused as a foreign one', () => {
    expect(facts({ aud: ['', 'api'] })?.audiences).toEqual(['', 'api']);
  });

  test.each([
    ['exp', undefined],
    ['exp', null],
    ['exp', '2000'],
    ['exp', Number.POSITIVE_INFINITY],
    ['exp', 1e300],
    ['exp', true],
    ['nbf', '1000'],
    ['nbf', [1000]],
    ['nbf', Number.NEGATIVE_INFINITY],
    ['iss', ['https://idp.example.com']],
    ['iss', null],
    ['sub', { $ne: '' }],
    ['sub', ['u1']],
    ['sub', true],
    ['aud', 1],
    ['aud', ['api', 1]],
    ['aud', ['api', null]],
    ['aud', { 0: 'api', length: 1 }],
  ])('reads nothing from a token whose %s is %j', (name, value) => {
    expect(facts({ [name]: value })).toBeUndefined();
  });
});

test.each([
  [undefined, true],
  [null, true],
  [[], true],
  ['', false],
  ['api', false],
  [1, false],
])('hasNoAudience of aud %j is %s', (aud, isNone) => {
  expect(hasNoAudience({ aud })).toBe(isNone);
});
