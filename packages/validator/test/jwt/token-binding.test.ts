import { describe, expect, test } from 'vitest';
import { readTokenBinding } from '../../src/jwt/token-binding.ts';

const KEY = 'k'.repeat(43);
const CERTIFICATE = 'c'.repeat(43);

describe('readTokenBinding', () => {
  test.each([
    ['nothing', undefined, undefined],
    ['a DPoP key', { jkt: KEY }, { key: KEY, certificate: undefined }],
    ['a certificate', { 'x5t#S256': CERTIFICATE }, { key: undefined, certificate: CERTIFICATE }],
    ['both', { jkt: KEY, 'x5t#S256': CERTIFICATE }, { key: KEY, certificate: CERTIFICATE }],
    ['a key, and something unknown beside it', { jkt: KEY, kid: 'a' }, { key: KEY, certificate: undefined }],
  ])('reads what a token is bound to: %s', (_, cnf, binding) => {
    expect(readTokenBinding(cnf)).toEqual(binding);
  });

  test.each([
    ['null', null],
    ['text', KEY],
    ['a number', 1],
    ['true', true],
    ['an empty object', {}],
    ['a list', [KEY]],
    ['an embedded key', { jwk: { kty: 'EC' } }],
    ['a key id', { kid: 'a' }],
    ['an encrypted key', { jwe: 'a.b.c.d.e' }],
    ['a key elsewhere', { jku: 'https://idp.example.com/jwks' }],
    ['a thumbprint of another kind', { 'x5t#S1': CERTIFICATE }],
    ['an empty thumbprint', { jkt: '' }],
    ['a short thumbprint', { jkt: KEY.slice(1) }],
    ['a padded thumbprint', { jkt: `${KEY}=` }],
    ['a thumbprint in hexadecimal', { 'x5t#S256': 'a'.repeat(64) }],
    ['a list of thumbprints', { jkt: [KEY] }],
    ['a broken thumbprint beside a good one', { jkt: 1, 'x5t#S256': CERTIFICATE }],
  ])('takes %s for a binding that nobody can prove, never for none', (_, cnf) => {
    expect(readTokenBinding(cnf)).toBe('unprovable');
  });
});
