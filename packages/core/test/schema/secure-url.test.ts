import { expect, it } from 'vitest';
import { holdsCredentials, isSecureUrl } from '../../src/schema/secure-url.ts';

it.each([
  ['https://idp.example.com/jwks', true],
  ['https://idp.example.com/@x', true],
  ['http://localhost:8080/jwks', true],
  ['http://127.0.0.1/jwks', true],
  ['http://[::1]:80/jwks', true],
  ['http://idp.example.com/jwks', false],
  ['http://localhost.example.com/jwks', false],
  ['http://127.0.0.1.example.com/jwks', false],
  ['https://user:pass@idp.example.com/jwks', false],
  ['https://user@idp.example.com', false],
  ['https://:pass@idp.example.com', false],
  ['file:///etc/jwks', false],
  ['data:application/json,{}', false],
])('says whether %s is secure: %s', (url, isSecure) => {
  expect(isSecureUrl(new URL(url))).toBe(isSecure);
  expect(isSecureUrl(url)).toBe(isSecure);
});

it('calls a text that is no URL not secure', () => {
  expect(isSecureUrl('idp.example.com')).toBe(false);
});

it.each([
  ['http://user:pass@api.example.com', true],
  ['http://user@api.example.com', true],
  ['http://:pass@api.example.com', true],
  ['HTTP:\\\\user:pass@api.example.com', true],
  ['http:user:pass@api.example.com', true],
  ['http://api.example.com/user:pass@host', false],
  ['unix:/run/user:pass@app.sock', false],
  ['user:pass', false],
])('says whether %s holds credentials: %s', (url, holds) => {
  expect(holdsCredentials(url)).toBe(holds);
});
