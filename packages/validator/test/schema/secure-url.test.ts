import { expect, test } from 'vitest';
import { isTrustworthyUrl } from '../../src/schema/secure-url.ts';

test.each([
  ['https://idp.example.com/jwks', true],
  ['http://localhost:8080/jwks', true],
  ['http://127.0.0.1/jwks', true],
  ['http://[::1]:80/jwks', true],
  ['http://idp.example.com/jwks', false],
  ['http://localhost.example.com/jwks', false],
  ['http://127.0.0.1.example.com/jwks', false],
  ['https://user:pass@idp.example.com/jwks', false],
  ['file:///etc/jwks', false],
  ['data:application/json,{}', false],
])('%s: %s', (url, isTrustworthy) => {
  expect(isTrustworthyUrl(new URL(url))).toBe(isTrustworthy);
});
