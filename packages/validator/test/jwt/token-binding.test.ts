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
    ['a key and an unknown member', { jkt: KEY, kid: 'a' }, { key: KEY, certificate: undefined }],
  ])('reads the binding: %s', (_, cnf, binding) => {
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
    ['a malformed thumbprint and a valid one', { jkt: 1, 'x5t#S256': CERTIFICATE }],
  ])('treats %s as an unprovable binding, never as none', (_, cnf) => {
    expect(readTokenBinding(cnf)).toBe('unprovable');
  });
});
