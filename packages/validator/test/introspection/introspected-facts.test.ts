import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readIntrospectedFacts } from '../../src/introspection/introspected-facts.ts';
import { ISSUER, NOW_SECONDS } from '../facts.ts';

const HOLDS_UNTIL = NOW_SECONDS + 30;

function read(answer: Record<string, unknown>, impliedAudience?: string) {
  return readIntrospectedFacts({ active: true, ...answer }, { issuer: ISSUER, impliedAudience }, HOLDS_UNTIL);
}

describe('readIntrospectedFacts', () => {
  test('reads an answer in the vocabulary of tokens', () => {
    const answer = {
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

    expect(read(answer)).toMatchObject({
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
      claims: { active: true, ...answer },
    });
  });

  test('takes the issuer that was asked for the one that answers, unless it speaks for another', () => {
    expect(read({})).toMatchObject({ issuer: ISSUER });
    expect(read({ iss: `${ISSUER}/` })).toBe('wrong_issuer');
    expect(read({ iss: 1 })).toBe('wrong_issuer');
  });

  test('knows no subject by its user name', () => {
    expect(read({ username: 'alice' })).toMatchObject({ subject: undefined });
  });

  test.each([[undefined], [[]], [null]])('an audience of %j is the implied one, or none', (aud) => {
    expect(read({ aud })).toMatchObject({ audiences: [] });
    expect(read({ aud }, 'default-api')).toMatchObject({ audiences: ['default-api'] });
  });

  test.each([['other'], [['other']], ['']])('an audience of %j is never replaced by an implied one', (aud) => {
    expect(read({ aud }, 'default-api')).toMatchObject({ audiences: [aud].flat() });
  });

  test('an answer without an end holds for as long as it may be used', () => {
    expect(read({})).toMatchObject({ expiresAt: HOLDS_UNTIL, claims: { active: true } });
    expect(read({ exp: null })).toMatchObject({ expiresAt: HOLDS_UNTIL });
  });

  test.each([
    ['exp', '1800000000'],
    ['exp', Number.POSITIVE_INFINITY],
    ['nbf', {}],
    ['iat', true],
    ['sub', 1],
    ['client_id', ['web-app']],
    ['aud', [1]],
    ['scope', 1],
  ])('is no answer with a %s of %j', (name, value) => {
    expect(read({ [name]: value })).toBe('malformed');
  });

  test('a token that needs a key is bound, even when the issuer does not say to which', () => {
    const jkt = 'a'.repeat(43);

    expect(read({ cnf: { jkt }, token_type: 'DPoP' })).toMatchObject({ binding: { key: jkt } });
    expect(read({ token_type: 'DPoP' })).toMatchObject({ binding: 'unprovable' });
    expect(read({ cnf: null })).toMatchObject({ binding: 'unprovable' });
    expect(read({ token_type: 'Bearer' })).toMatchObject({ binding: undefined });
  });

  test('can not be changed', () => {
    const facts = read({ realm_access: { roles: ['admin'] } });

    expect(Object.isFrozen(facts)).toBe(true);
    expect(facts).toMatchObject({ claims: { realm_access: { roles: ['admin'] } } });
    expect(() => Object.assign((facts as { claims: object }).claims, { sub: 'evil' })).toThrow(TypeError);
  });

  test('whatever is said: it is in the name of the issuer that was asked, for an audience that was said or implied', () => {
    const member = fc.oneof(fc.jsonValue(), fc.integer(), fc.string(), fc.constantFrom(ISSUER, 'default-api'));
    const name = fc.constantFrom('iss', 'aud', 'exp', 'iat', 'nbf', 'sub', 'scope', 'client_id', 'token_type', 'cnf');
    const answers = fc.dictionary(fc.oneof({ weight: 9, arbitrary: name }, fc.string()), member);

    fc.assert(
      fc.property(answers, fc.option(fc.constant('default-api'), { nil: undefined }), (answer, implied) => {
        const facts = read(answer, implied);
        if (typeof facts === 'string') return;
        expect(facts.issuer).toBe(ISSUER);
        const said = [answer['aud'] ?? []].flat();
        expect(facts.audiences).toEqual(said.length > 0 || implied === undefined ? said : [implied]);
        const type = answer['token_type'];
        const isDpop = typeof type === 'string' && /^dpop$/i.test(type);
        expect(facts.binding === undefined).toBe(answer['cnf'] === undefined && !isDpop);
      }),
      { numRuns: 5000 },
    );
  });
});
