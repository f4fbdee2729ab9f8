import { expect, test } from 'vitest';
import { replaceToken } from '../../src/http/replace-token.ts';

test('the new token takes the place of the old one, without its proof', () => {
  const fields = ['Host', 'a', 'DPoP', 'proof', 'AUTHORIZATION', 'DPoP opaque', 'dpop', 'proof', 'x-dpop', 'stays'];
  replaceToken(fields, 'a.b.c');

  expect(fields).toEqual(['Host', 'a', 'AUTHORIZATION', 'Bearer a.b.c', 'x-dpop', 'stays']);
});
