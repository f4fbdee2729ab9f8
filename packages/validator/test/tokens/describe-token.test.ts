import { expect, test } from 'vitest';
import { describeToken } from '../../src/tokens/describe-token.ts';

const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const tokenOf = (claims: object, header: object = {}) =>
  `${base64url({ alg: 'RS256', ...header })}.${base64url(claims)}.c2ln`;

test('a token is described by what it says, without its subject', () => {
  const token = tokenOf({ iss: 'https://idp.example.com', aud: ['a', 'b'], azp: 'web-app', sub: 'alice' });
  expect(describeToken(`Bearer ${token}`, 10_000)).toEqual({
    kind: 'unmarked',
    issuer: 'https://idp.example.com',
    audiences: ['a', 'b'],
    clientId: 'web-app',
    bytes: token.length,
  });
});

test.each([
  ['client_id', { client_id: 'c' }],
  ['azp', { azp: 'c' }],
  ['appid', { appid: 'c' }],
  ['cid', { cid: 'c' }],
])('the client is read from %s', (_, claims) => {
  expect(describeToken([`DPoP ${tokenOf(claims)}`], 10_000).clientId).toBe('c');
});

test.each([
  ['typ at+jwt', {}, { typ: 'application/AT+JWT' }, 'access'],
  ['typ at+jwt with a nonce', { nonce: 'n' }, { typ: 'at+jwt' }, 'access'],
  ['token_use access', { token_use: 'access' }, {}, 'access'],
  ['typ Bearer with a nonce', { typ: 'Bearer', nonce: 'n' }, {}, 'access'],
  ['token_use id', { token_use: 'id' }, {}, 'id'],
  ['at_hash', { at_hash: 'h' }, { typ: 'JWT' }, 'id'],
  ['typ Refresh', { typ: 'Refresh' }, {}, 'other'],
  ['events', { events: {} }, {}, 'other'],
  ['typ dpop+jwt', {}, { typ: 'dpop+jwt' }, 'other'],
  ['no mark', {}, { typ: 'JWT' }, 'unmarked'],
])('the kind of a token with %s', (_, claims, header, kind) => {
  expect(describeToken(`Bearer ${tokenOf(claims, header)}`, 10_000).kind).toBe(kind);
});

test.each([
  ['no header', undefined, 'none', 0],
  ['another scheme', 'Basic dTpw', 'none', 0],
  ['an opaque token', 'Bearer abc', 'opaque', 3],
  ['a broken token', 'Bearer a.b.c', 'malformed', 5],
  ['a scheme without a token', 'Bearer', 'malformed', 1],
  ['two headers', ['Bearer a', 'Bearer b'], 'malformed', 1],
  ['a token beyond the limit', 'Bearer 0123456789', 'too_large', 10],
])('%s has no names', (_, authorization, kind, bytes) => {
  expect(describeToken(authorization, 9)).toEqual({ kind, bytes, issuer: null, audiences: [], clientId: null });
});
