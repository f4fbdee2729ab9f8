import { webcrypto } from 'node:crypto';
import { expect, test } from 'vitest';
import {
  type ClientAuthenticationOptions,
  clientAuthenticationMethod,
  clientAuthenticationProblems,
} from '../../src/provider/client-authentication.ts';

const { privateKey, publicKey } = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
  'sign',
  'verify',
]);

function problemsOf(options: object): readonly string[] {
  return clientAuthenticationProblems(options as ClientAuthenticationOptions).map(({ path }) => path);
}

test.each([
  [{}, 'none'],
  [{ clientSecret: 's' }, 'client_secret_basic'],
  [{ clientKey: privateKey }, 'private_key_jwt'],
  [{ clientKey: { key: privateKey, kid: '1' } }, 'private_key_jwt'],
  [{ clientSecret: 's', clientAuthentication: 'client_secret_post' }, 'client_secret_post'],
  [{ clientSecret: 's', clientAuthentication: 'client_secret_jwt' }, 'client_secret_jwt'],
  [{ clientAuthentication: 'tls_client_auth', fetch }, 'tls_client_auth'],
] as const)('the options %# are valid and mean %s', (options, method) => {
  expect(problemsOf(options)).toEqual([]);
  expect(clientAuthenticationMethod(options)).toBe(method);
});

test.each([
  [{ clientAuthentication: 'client_secret_post' }, ['clientSecret']],
  [{ clientAuthentication: 'private_key_jwt' }, ['clientKey']],
  [{ clientAuthentication: 'tls_client_auth' }, ['fetch']],
  [{ clientAuthentication: 'basic' }, ['clientAuthentication']],
  [{ clientSecret: 's', clientKey: privateKey }, ['clientAuthentication']],
  [{ clientSecret: 's', clientKey: privateKey, clientAuthentication: 'client_secret_basic' }, ['clientKey']],
  [{ clientSecret: 's', clientKey: privateKey, clientAuthentication: 'private_key_jwt' }, ['clientSecret']],
  [{ clientSecret: 's', clientAuthentication: 'tls_client_auth', fetch }, ['clientSecret']],
  [{ clientSecret: 's', clientAuthentication: 'none' }, ['clientSecret']],
  [{ clientKey: privateKey, clientAuthentication: 'none' }, ['clientKey']],
  [{ clientSecret: '', clientKey: publicKey }, ['clientSecret', 'clientKey', 'clientAuthentication']],
  [{ clientKey: publicKey }, ['clientKey']],
  [{ clientKey: 'PEM' }, ['clientKey']],
  [{ clientKey: null }, ['clientKey']],
  [{ clientKey: { key: privateKey, kid: '' } }, ['clientKey.kid']],
  [{ clientKey: { key: privateKey, certificate: 'PEM' } }, ['clientKey.certificate']],
  [{ clientKey: privateKey, assertionAudience: 'me' }, ['assertionAudience']],
  [{ clientSecret: 's', assertionAudience: 'issuer' }, ['assertionAudience']],
  [{ clientSecret: 7, fetch: 'undici' }, ['clientSecret', 'fetch']],
])('the options %# contradict themselves, which is a problem of each path', (options, paths) => {
  expect(problemsOf(options)).toEqual(paths);
});

test('a problem never contains the secret, and has the path of its side', () => {
  const options = { clientSecret: 'hunter2', clientAuthentication: 'none' } as const;
  const problems = clientAuthenticationProblems(options, 'providers.legacy.');
  expect(problems).toEqual([
    { path: 'providers.legacy.clientSecret', message: 'must be left out: none does not use it' },
  ]);
});
