import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TokenFacts } from '../../src/jwt/token-facts.ts';
import type { Policy } from '../../src/policy/side-settings.ts';
import { isMarkedAsAccess, tokenKind } from '../../src/policy/token-kind.ts';
import { factsOf, ISSUER, sideOf } from '../facts.ts';

const CLIENTS = { clientIds: new Set(['web-app', 'nightly-batch']), clientsAreKnown: true };

/** The legacy audience is an API's own, or the id of a client. */
function kindOf(facts: Partial<TokenFacts>, legacyAudience = 'default-api', policy: Partial<Policy> = {}) {
  const legacy = sideOf({ audience: legacyAudience, toleratedAudiences: 'any' });
  return tokenKind(factsOf({ audiences: [legacyAudience], ...facts }), {
    legacy,
    target: undefined,
    ...CLIENTS,
    ...policy,
  });
}

/** What makes a token an access token, whatever else is in it. */
const MARKS: readonly Partial<TokenFacts>[] = [
  { type: 'at+jwt' },
  { type: 'okta-internal-at+jwt' },
  { claims: { typ: 'Bearer' } },
  { claims: { typ: 'DPoP' } },
  { claims: { token_use: 'access' } },
  { claims: { idtyp: 'app' } },
  { claims: { azpacr: '1' } },
  { claims: { aut: 'APPLICATION' } },
];

describe('a token for an API', () => {
  test.each([undefined, 'jwt', 'at+jwt', 'okta-internal-at+jwt', 'vnd.example.at+jwt'])(
    'of type %s is an access token',
    (type) => {
      expect(kindOf({ type })).toBe('access');
    },
  );

  test.each([
    '',
    'logout+jwt',
    'refresh+jwt',
    'rt+jwt',
    'id_token+jwt',
    'dpop+jwt',
    'secevent+jwt',
    'token-introspection+jwt',
    'kb+jwt',
    'jose',
    'jwt;x',
    'fat+jwt',
    'at+jwt+x',
  ])('of type %j is something else', (type) => {
    expect(kindOf({ type })).toBe('other');
  });

  test.each([{ nonce: 'n' }, { at_hash: 'h' }, { c_hash: 'h' }, { s_hash: 'h' }])(
    'with %j is an ID token, unless a mark says that it is an access token',
    (hint) => {
      expect(kindOf({ claims: hint })).toBe('id');
      expect(kindOf({ claims: hint, scope: ['openid'] })).toBe('id');
      for (const { claims, ...mark } of MARKS) {
        expect(kindOf({ ...mark, claims: { ...hint, ...claims } }), JSON.stringify({ claims, mark })).toBe('access');
      }
    },
  );

  test.each([
    { token_use: 'id' },
    { token_use: 'ID' },
    { typ: 'ID' },
    { token_type: 'id_token' },
    { token_use: 'access', typ: 'ID' },
    { token_use: 'id', azpacr: '1' },
  ])('with %j is an ID token, even when it claims to be of type at+jwt', (claims) => {
    expect(kindOf({ claims })).toBe('id');
    expect(kindOf({ claims, type: 'at+jwt' })).toBe('id');
  });

  test.each([
    { typ: 'Refresh' },
    { typ: 'Offline' },
    { typ: 'Logout' },
    { token_use: 'refresh' },
    { token_type: 'refresh' },
    { token_type: 'refresh_token' },
    { type: 'refresh' },
  ])('with %j is of another kind, even when it claims to be of type at+jwt', (claims) => {
    expect(kindOf({ claims })).toBe('other');
    expect(kindOf({ claims, type: 'at+jwt' })).toBe('other');
  });

  test('with a token_type of Bearer stays an ID token if it has a nonce, because that tells the use and not the kind', () => {
    expect(kindOf({ claims: { token_type: 'Bearer', nonce: 'n' } })).toBe('id');
  });

  test('with security events is of another kind, unless a mark says that it is an access token', () => {
    const claims = { events: { 'http://schemas.openid.net/event/backchannel-logout': {} } };

    expect(kindOf({ claims })).toBe('other');
    expect(kindOf({ claims, type: 'at+jwt' })).toBe('access');
  });

  test.each([
    { typ: 'Bearer' },
    { token_use: 'access' },
    { typ: 7 },
    { typ: 'constructor' },
    { token_type: 'unheard-of' },
    { nonce: null },
    { events: ['signup'] },
    { events: null },
    { auth_time: 1, sid: 's', amr: ['pwd'], email: 'alice@example.com' },
  ])('with %j is an access token', (claims) => {
    expect(kindOf({ claims })).toBe('access');
  });
});

describe('a token of Entra ID for an app registration that is not listed as a client', () => {
  const [tid, app] = ['00000000-0000-4000-8000-00000000000A', '00000000-0000-4000-8000-00000000000b'];
  const claims = { tid, ver: '2.0', name: 'Abe Lincoln' };
  const bare = { clientId: undefined, claims };

  test('is an ID token if it names no client, in both versions', () => {
    expect(kindOf(bare, app)).toBe('id');
    expect(kindOf({ ...bare, claims: { ...claims, ver: '1.0' } }, app)).toBe('id');
  });

  test('is an access token if it names the client, has scope, or is marked', () => {
    expect(kindOf({ ...bare, clientId: 'other' }, app)).toBe('access');
    expect(kindOf({ ...bare, scope: ['read'] }, app)).toBe('access');
    for (const mark of MARKS) {
      expect(kindOf({ ...bare, ...mark, claims: { ...claims, ...mark.claims } }, app)).toBe('access');
    }
  });

  test('is an ID token of Azure AD B2C, which names its policy and no tenant', () => {
    for (const policy of [{ tfp: 'B2C_1_SignIn' }, { acr: 'b2c_1a_signup' }]) {
      const b2c = { ...claims, tid: undefined, ver: '1.0', ...policy };
      expect(kindOf({ ...bare, claims: b2c }, app)).toBe('id');
      expect(kindOf({ ...bare, clientId: app, scope: ['read'], claims: { ...b2c, azp: app } }, app)).toBe('access');
    }
  });

  test('is an access token if only some of it looks like one of Entra ID', () => {
    expect(kindOf(bare)).toBe('access');
    expect(kindOf({ ...bare, claims: { ...claims, tid: 'acme' } }, app)).toBe('access');
    expect(kindOf({ ...bare, claims: { ...claims, tid: undefined } }, app)).toBe('access');
    expect(kindOf({ ...bare, claims: { ...claims, ver: '3.0' } }, app)).toBe('access');
  });
});

describe('a token for a client', () => {
  const accessLike = { scope: ['read'], clientId: 'web-app', subject: 'web-app' };

  test('is an ID token, unless a mark says that it is an access token', () => {
    for (const audiences of [['web-app'], ['default-api', 'nightly-batch']]) {
      expect(kindOf({ audiences })).toBe('id');
      expect(kindOf({ audiences, ...accessLike })).toBe('id');
      for (const mark of MARKS) expect(kindOf({ audiences, ...mark }), JSON.stringify(mark)).toBe('access');
    }
  });

  test('is an ID token together with our API, where it names that client but the options do not', () => {
    const audiences = ['default-api', 'unlisted'];

    expect(kindOf({ audiences, clientId: 'unlisted' })).toBe('id');
    expect(kindOf({ audiences, clientId: 'unlisted', scope: ['read'] })).toBe('access');
    expect(kindOf({ audiences, clientId: 'other' })).toBe('access');
  });

  test('is an ID token where the legacy audience is that client', () => {
    expect(kindOf({}, 'web-app')).toBe('id');
    expect(kindOf({ clientId: 'nightly-batch' }, 'web-app')).toBe('id');
    expect(kindOf({ clientId: undefined }, 'web-app')).toBe('id');
  });

  test('is an ID token where the legacy audience is an unlisted client, because the token names it', () => {
    expect(kindOf({ clientId: 'unlisted' }, 'unlisted')).toBe('id');
    expect(kindOf({ clientId: 'other' }, 'unlisted')).toBe('access');
  });

  test.each<Partial<TokenFacts>>([
    ...MARKS,
    { claims: { token_type: 'Bearer' } },
    { scope: ['read'] },
    { scope: ['openid', 'profile'] },
  ])('is an access token where the legacy audience is that client and the token has %j', (facts) => {
    expect(kindOf(facts, 'web-app')).toBe('access');
    expect(kindOf({ ...facts, clientId: 'unlisted' }, 'unlisted')).toBe('access');
  });

  test('is an access token where its subject is the client itself, because it was issued without a user', () => {
    expect(kindOf({ clientId: 'web-app', subject: 'web-app' }, 'web-app')).toBe('access');
    expect(kindOf({ clientId: undefined, subject: undefined }, 'web-app')).toBe('id');
  });

  test('is an ID token where it tells the time of a login and has the scope of a login alone', () => {
    const claims = { auth_time: 1_800_000_000 };

    expect(kindOf({ claims, scope: ['openid', 'allatclaims'] }, 'web-app')).toBe('id');
    expect(kindOf({ claims, scope: ['openid', 'orders:read'] }, 'web-app')).toBe('access');
    expect(kindOf({ claims: { auth_time: '2027-01-15T08:00:00.000Z' }, scope: ['openid'] }, 'web-app')).toBe('access');
  });

  test.each([{ nonce: 'n' }, { at_hash: 'h' }, { token_use: 'id' }])(
    'is an ID token where the legacy audience is that client, even with scope, when it has %j',
    (claims) => {
      expect(kindOf({ scope: ['read'], claims }, 'web-app')).toBe('id');
    },
  );

  test('may be a tolerated audience, if the options list it and the token has scope', () => {
    const legacy = sideOf({ toleratedAudiences: new Set(['default-api', 'web-app']) });
    const audiences = ['default-api', 'web-app'];

    expect(kindOf({ audiences, scope: ['read'] }, 'default-api', { legacy })).toBe('access');
    expect(kindOf({ audiences }, 'default-api', { legacy })).toBe('id');
  });

  test('is an ID token although a side of another issuer has such an audience', () => {
    const legacy = sideOf({ audience: 'web-app' });
    const target = sideOf({ issuer: 'https://other.example.com', audience: 'api' });
    const facts = factsOf({ issuer: target.issuer, audiences: ['api', 'web-app'], scope: ['read'] });

    expect(tokenKind(facts, { legacy, target, ...CLIENTS })).toBe('id');
  });

  test('is an ID token where the legacy side takes any audience, unless a mark says that it is an access token', () => {
    const legacy = {
      ...sideOf({ toleratedAudiences: 'any' }),
      identity: { issuer: ISSUER, anyAudience: true } as const,
    };

    expect(kindOf({ audiences: ['web-app'], ...accessLike }, 'default-api', { legacy })).toBe('id');
    expect(kindOf({ audiences: ['web-app'], type: 'at+jwt' }, 'default-api', { legacy })).toBe('access');
    expect(kindOf({ audiences: ['billing'] }, 'default-api', { legacy })).toBe('access');
    expect(kindOf({ audiences: [] }, 'default-api', { legacy })).toBe('access');
  });
});

test('isMarkedAsAccess goes by header and claims alone', () => {
  for (const mark of MARKS) expect(isMarkedAsAccess(factsOf(mark)), JSON.stringify(mark)).toBe(true);
  expect(isMarkedAsAccess(factsOf({ scope: ['read'], subject: 'web-app' }))).toBe(false);
});

describe('whatever else is in a token', () => {
  /** Claims of ID tokens and of access tokens that are no marks (OpenID Connect Core §2, §5.1; RFC 9068 §2.2). */
  const UNMARKED = [
    'acr',
    'amr',
    'auth_time',
    'azp',
    'cid',
    'email',
    'jti',
    'name',
    'nonce',
    'at_hash',
    'roles',
    'sid',
    'tid',
    'ver',
  ];
  const more = fc.dictionary(fc.constantFrom(...UNMARKED), fc.oneof(fc.string(), fc.integer(), fc.array(fc.string())));

  test('one for a known client, without mark and scope, is an ID token', () => {
    fc.assert(
      fc.property(more, fc.constantFrom('web-app', 'default-api'), (claims, legacyAudience) => {
        expect(kindOf({ audiences: [legacyAudience, 'web-app'], claims }, legacyAudience)).toBe('id');
      }),
    );
  });

  test('a mark of an access token makes it one, and a mark of an ID token never does', () => {
    fc.assert(
      fc.property(
        more,
        fc.constantFrom(...MARKS),
        fc.constantFrom('web-app', 'default-api'),
        (claims, mark, audience) => {
          const marked = { ...mark, audiences: [audience], claims: { ...claims, ...mark.claims } };
          expect(kindOf(marked)).toBe('access');
          expect(kindOf({ ...marked, type: 'at+jwt', claims: { ...marked.claims, typ: 'ID' } })).toBe('id');
        },
      ),
    );
  });
});
