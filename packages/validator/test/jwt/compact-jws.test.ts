import { describe, expect, test } from 'vitest';
import { readCompactJws } from '../../src/jwt/compact-jws.ts';

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const header = encode({ alg: 'ES256', kid: 'a' });
const claims = encode({ sub: 'u' });
const signature = Buffer.alloc(64, 7).toString('base64url');

describe('readCompactJws', () => {
  test('reads alg, kid, typ and the claims', () => {
    const token = `${header}.${claims}.${signature}`;

    expect(readCompactJws(token)).toEqual({
      token,
      algorithm: 'ES256',
      keyId: 'a',
      type: undefined,
      claims: { sub: 'u' },
    });
  });

  test('reads a kid and a typ that are null as absent', () => {
    const token = `${encode({ alg: 'ES256', kid: null, typ: null })}.${claims}.${signature}`;

    expect(readCompactJws(token)).toMatchObject({ keyId: undefined, type: undefined });
  });

  test.each(['abc', 'ya29.a0AfH6SMB', 'a.b.c.d', 'dGVzdA==', '8xLOxBtZp8', '~._-+/', 'a.b.c.d.e.f'])(
    'classifies %s as opaque',
    (token) => {
      expect(readCompactJws(token)).toBe('opaque');
    },
  );

  test.each([
    ['a space', ' '],
    ['two tokens', `${header}.${claims}.${signature} ${header}.${claims}.${signature}`],
    ['two tokens with a comma', 'abc,def'],
    ['a JWE', `${encode({ alg: 'RSA-OAEP', enc: 'A256GCM' })}.a.b.c.d`],
    ['JSON serialisation', JSON.stringify({ payload: claims, protected: header, signature })],
    ['an empty header', `.${claims}.${signature}`],
    ['an empty payload', `${header}..${signature}`],
    ['padding', `${header}.${claims}.${signature}==`],
    ['white space inside', `${header}.${claims}\n.${signature}`],
    ['white space around', ` ${header}.${claims}.${signature}`],
    ['the standard alphabet', `${header}.${claims}.${signature.slice(0, -2)}+/`],
    ['stray bits at the end of the signature', `${header}.${claims}.${signature.slice(0, -1)}x`],
    ['stray bits at the end of the payload', `${header}.${claims.slice(0, -1)}R.${signature}`],
    ['a part of an impossible length', `${header}.${claims}.${signature.slice(0, -1)}`],
    ['a header that is not an object', `${encode(['ES256'])}.${claims}.${signature}`],
    ['claims that are not an object', `${header}.${encode('sub')}.${signature}`],
    ['broken UTF-8', `${header}.${Buffer.from('{"sub":"\xff"}', 'latin1').toString('base64url')}.${signature}`],
    ['a byte order mark', `${header}.${Buffer.from('\ufeff{"sub":"u"}').toString('base64url')}.${signature}`],
    ['crit', `${encode({ alg: 'ES256', crit: ['exp'], exp: 1 })}.${claims}.${signature}`],
    ['an empty crit', `${encode({ alg: 'ES256', crit: [] })}.${claims}.${signature}`],
    ['b64', `${encode({ alg: 'ES256', b64: false })}.${claims}.${signature}`],
    ['b64 without effect', `${encode({ alg: 'ES256', b64: true })}.${claims}.${signature}`],
    ['compression', `${encode({ alg: 'ES256', zip: 'DEF' })}.${claims}.${signature}`],
    ['encryption', `${encode({ alg: 'ES256', enc: 'A256GCM' })}.${claims}.${signature}`],
    ['a kid that is not a string', `${encode({ alg: 'ES256', kid: { $ne: '' } })}.${claims}.${signature}`],
    ['a typ that is not a string', `${encode({ alg: 'ES256', typ: ['JWT'] })}.${claims}.${signature}`],
  ])('classifies a token with %s as malformed', (_, token) => {
    expect(readCompactJws(token)).toBe('malformed');
  });
});
