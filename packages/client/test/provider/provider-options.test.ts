import { expect, test } from 'vitest';
import { type ProviderOptions, providerProblems } from '../../src/provider/provider-options.ts';

const options: ProviderOptions = { issuer: 'https://idp.example.com', clientId: 'web-app' };

function problemsOf(change: Record<string, unknown>): readonly string[] {
  return providerProblems({ ...options, ...change }).map(({ path }) => path);
}

test('valid options have no problem', () => {
  expect(problemsOf({})).toEqual([]);
  expect(problemsOf({ clientSecret: 's', clientAuthentication: 'client_secret_post', timeoutMs: 500 })).toEqual([]);
});

test('every problem is reported at once', () => {
  const change = {
    issuer: 'idp',
    clientId: '',
    clientSecret: '',
    clientAuthentication: 'x',
    timeoutMs: 0,
  };
  expect(problemsOf(change)).toEqual(Object.keys(change));
});

test('accepts an issuer with an @ in its path, as the plan does', () => {
  expect(problemsOf({ issuer: 'https://idp.example.com/@x' })).toEqual([]);
});

test.each(['http://localhost:1', 'http://127.0.0.1:1', 'http://[::1]:1'])(
  'http on loopback is allowed: %s',
  (issuer) => {
    expect(problemsOf({ issuer })).toEqual([]);
  },
);

test.each([
  'http://idp.example.com',
  'http://localhost.example.com',
  'http://10.0.0.1',
  'ftp://127.0.0.1',
  'https://a/?b',
  'https://u@a',
  'https://:p@a',
  'https://a/b c',
])('the issuer %s is a problem', (issuer) => {
  expect(problemsOf({ issuer })).toEqual(['issuer']);
});

test('http beyond loopback needs allowInsecure', () => {
  expect(problemsOf({ issuer: 'http://idp.internal', allowInsecure: true })).toEqual([]);
  expect(problemsOf({ issuer: 'ftp://idp.internal', allowInsecure: true })).toEqual(['issuer']);
});

test('the URL of the metadata is no issuer', () => {
  const issuer = 'https://idp.example.com/realms/x/.well-known/openid-configuration';
  expect(problemsOf({ issuer })).toEqual(['issuer']);
});

test('a secret that is undefined, such as an unset environment variable, makes no public client', () => {
  expect(problemsOf({ clientSecret: undefined })).toEqual(['clientSecret']);
});

test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY, 3.2e10, '100'])('a timeout of %s is a problem', (timeoutMs) => {
  expect(problemsOf({ timeoutMs })).toEqual(['timeoutMs']);
});
