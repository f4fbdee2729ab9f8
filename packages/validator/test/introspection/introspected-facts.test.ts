import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readIntrospectedFacts } from '../../src/introspection/introspected-facts.ts';
import { ISSUER, NOW_SECONDS } from '../facts.ts';

const USABLE_UNTIL = NOW_SECONDS + 30;

function read(response: Record<string, unknown>, impliedAudience?: string) {
  return readIntrospectedFacts(
    { active: true, ...response },
    { issuer: ISSUER, issuers: [ISSUER], impliedAudience },
    USABLE_UNTIL,
  );
}

describe('readIntrospectedFacts', () => {
  test('reads the facts of a token from a response', () => {
    const response = {
      iss: ISSUER,
      aud: ['default-api'],
      sub: 'u1',
      client_id: 'web-app',
      scope: 'openid read',
      iat: NOW_SECONDS,
      nbf: NOW_SECONDS,
      exp: NOW_SECONDS + 60,
      token_type: 'Bearer',
    };

    expect(read(response)).toMatchObject({
      issuer: ISSUER,
      algorithm: undefined,
      type: undefined,
      audiences: ['default-api'],
      subject: 'u1',
      clientId: 'web-app',
      scope: ['openid', 'read'],
      issuedAt: NOW_SECONDS,
      notBefore: NOW_SECONDS,
      expiresAt: NOW_SECONDS + 60,
      claims: { active: true, ...response },
    });
  });

  test('takes the endpoint’s issuer, and rejects a response that names another', () => {
    expect(read({})).toMatchObject({ issuer: ISSUER, claims: { iss: ISSUER } });
    expect(read({ iss: `${ISSUER}/` })).toBe('wrong_issuer');
    expect(read({ iss: 1 })).toBe('wrong_issuer');
  });

  test('does not take a username for the subject', () => {
    expect(read({ username: 'alice' })).toMatchObject({ subject: undefined });
  });

  test.each([[undefined], [[]], [null]])('an audience of %j becomes the implied one, or none', (aud) => {
    expect(read({ aud })).toMatchObject({ audiences: [] });
    expect(read({ aud }, 'default-api')).toMatchObject({ audiences: ['default-api'] });
  });

  test.each([['other'], [['other']]])('an audience of %j is never replaced by an implied one', (aud) => {
    expect(read({ aud }, 'default-api')).toMatchObject({ audiences: [aud].flat() });
  });

  test('an audience of empty text names none, and is not replaced by an implied one', () => {
    expect(read({ aud: '' }, 'default-api')).toMatchObject({ audiences: [] });
  });

  test('a response without exp expires when it is no longer usable', () => {
    expect(read({})).toMatchObject({ expiresAt: USABLE_UNTIL, claims: { active: true } });
    expect(read({ exp: null })).toMatchObject({ expiresAt: USABLE_UNTIL });
  });

  test.each([
    ['exp', '1800000000'],
    ['exp', Number.POSITIVE_INFINITY],
    ['nbf', {}],
    ['nbf', true],
    ['sub', true],
    ['aud', [1]],
  ])('reads nothing from a response whose %s is %j', (name, value) => {
    expect(read({ [name]: value })).toBe('malformed');
  });

  test('a DPoP token is bound, even if the response does not name the key', () => {
    const jkt = 'a'.repeat(43);

    expect(read({ cnf: { jkt }, token_type: 'DPoP' })).toMatchObject({ binding: { key: jkt } });
    expect(read({ token_type: 'DPoP' })).toMatchObject({ binding: 'unprovable' });
    expect(read({ cnf: null })).toMatchObject({ binding: 'unprovable' });
    expect(read({ token_type: 'Bearer' })).toMatchObject({ binding: undefined });
  });

  test('freezes the facts', () => {
    const facts = read({ realm_access: { roles: ['admin'] } });

    expect(Object.isFrozen(facts)).toBe(true);
    expect(facts).toMatchObject({ claims: { realm_access: { roles: ['admin'] } } });
    expect(() => Object.assign((facts as { claims: object }).claims, { sub: 'evil' })).toThrow(TypeError);
  });

  test('reads, from any response, facts of the endpoint’s issuer with a stated or implied audience', () => {
    const member = fc.oneof(fc.jsonValue(), fc.integer(), fc.string(), fc.constantFrom(ISSUER, 'default-api'));
    const name = fc.constantFrom('iss', 'aud', 'exp', 'iat', 'nbf', 'sub', 'scope', 'client_id', 'token_type', 'cnf');
    const responses = fc.dictionary(fc.oneof({ weight: 9, arbitrary: name }, fc.string()), member);

    fc.assert(
      fc.property(responses, fc.option(fc.constant('default-api'), { nil: undefined }), (response, implied) => {
        const facts = read(response, implied);
        if (typeof facts === 'string') return;
        expect(facts.issuer).toBe(ISSUER);
        const given = [response['aud'] ?? []].flat();
        const audiences = given.every((audience) => audience === '') ? [] : given;
        expect(facts.audiences).toEqual(given.length > 0 || implied === undefined ? audiences : [implied]);
        const type = response['token_type'];
        const isDpop = typeof type === 'string' && /^dpop$/i.test(type);
        expect(facts.binding === undefined).toBe(response['cnf'] === undefined && !isDpop);
      }),
      { numRuns: 5000 },
    );
  });
});
