import { describe, expect, test } from 'vitest';
import type { TokenFacts } from '../../src/jwt/token-facts.ts';
import { tokenKind } from '../../src/policy/token-kind.ts';
import { factsOf, sideOf } from '../facts.ts';

/** The legacy audience is an API's own, or the id of a client. */
function kindOf(facts: Partial<TokenFacts>, legacyAudience = 'default-api') {
  const legacy = sideOf({ audience: legacyAudience });
  return tokenKind(factsOf({ audiences: [legacyAudience], ...facts }), {
    legacy,
    target: undefined,
    clientIds: new Set(['web-app', 'nightly-batch']),
  });
}

describe('a token for an API', () => {
  test.each([undefined, 'jwt', 'at+jwt'])('of type %s is an access token', (type) => {
    expect(kindOf({ type })).toBe('access');
  });

  test.each(['', 'logout+jwt', 'refresh+jwt', 'rt+jwt', 'dpop+jwt', 'secevent+jwt', 'kb+jwt', 'jose', 'jwt;x'])(
    'of type %j is something else',
    (type) => {
      expect(kindOf({ type })).toBe('other');
    },
  );

  test.each([
    { nonce: 'n' },
    { at_hash: 'h' },
    { c_hash: 'h' },
    { s_hash: 'h' },
    { nonce: null },
    { token_use: 'id' },
    { token_use: 'ID' },
    { typ: 'ID' },
    { token_type: 'id_token' },
    { token_use: 'access', typ: 'ID' },
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
    { events: { 'http://schemas.openid.net/event/backchannel-logout': {} } },
  ])('with %j is of another kind', (claims) => {
    expect(kindOf({ claims })).toBe('other');
  });

  test.each([
    { typ: 'Bearer' },
    { token_use: 'access' },
    { typ: 7 },
    { typ: 'constructor' },
    { token_type: 'unheard-of' },
  ])('with %j is an access token', (claims) => {
    expect(kindOf({ claims })).toBe('access');
  });
});

describe('a token for a client', () => {
  test('is an ID token, whatever it looks like', () => {
    const accessLike = { type: 'at+jwt', scope: ['read'], claims: { token_use: 'access' } };

    expect(kindOf({ audiences: ['web-app'] })).toBe('id');
    expect(kindOf({ audiences: ['web-app'], ...accessLike })).toBe('id');
    expect(kindOf({ audiences: ['default-api', 'nightly-batch'], ...accessLike })).toBe('id');
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
    { type: 'at+jwt' },
    { scope: ['read'] },
    { claims: { token_use: 'access' } },
    { claims: { typ: 'Bearer' } },
    { claims: { idtyp: 'app' } },
  ])('is an access token where the legacy audience is that client and the token has %j', (facts) => {
    expect(kindOf(facts, 'web-app')).toBe('access');
    expect(kindOf({ ...facts, clientId: 'unlisted' }, 'unlisted')).toBe('access');
  });

  test.each([{ nonce: 'n' }, { at_hash: 'h' }, { token_use: 'id' }])(
    'is an ID token where the legacy audience is that client, even with scope, when it has %j',
    (claims) => {
      expect(kindOf({ scope: ['read'], type: 'at+jwt', claims }, 'web-app')).toBe('id');
    },
  );

  test('is an ID token although a side of another issuer has such an audience', () => {
    const legacy = sideOf({ audience: 'web-app' });
    const target = sideOf({ issuer: 'https://other.example.com', audience: 'api' });
    const facts = factsOf({ issuer: target.issuer, audiences: ['api', 'web-app'], type: 'at+jwt' });

    expect(tokenKind(facts, { legacy, target, clientIds: new Set(['web-app']) })).toBe('id');
  });
});
