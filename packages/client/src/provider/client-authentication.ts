import type { webcrypto } from 'node:crypto';
import type { Problem } from '@crossfade/core';
import {
  type ClientAuth,
  ClientSecretBasic,
  ClientSecretJwt,
  ClientSecretPost,
  None,
  PrivateKeyJwt,
  TlsClientAuth,
} from 'openid-client';
import {
  ASSERTION_AUDIENCES,
  type AssertionAudience,
  assertionKey,
  type ClientKey,
  reportClientKey,
  withAssertion,
} from './client-assertion.ts';

/** The methods by which a client authenticates to its provider. @see RFC 6749 §2.3, RFC 7523, RFC 8705 */
export const CLIENT_AUTHENTICATIONS = [
  'client_secret_basic',
  'client_secret_post',
  'client_secret_jwt',
  'private_key_jwt',
  'tls_client_auth',
  'none',
] as const;
export type ClientAuthentication = (typeof CLIENT_AUTHENTICATIONS)[number];

/** How a client authenticates to its provider. */
export interface ClientAuthenticationOptions {
  /** Absent for public clients, `private_key_jwt` and `tls_client_auth`. */
  readonly clientSecret?: string;
  /** The private key of `private_key_jwt`. */
  readonly clientKey?: webcrypto.CryptoKey | ClientKey;
  /**
   * Default: `client_secret_basic` with a secret, which every provider must support (RFC 6749 §2.3.1), `private_key_jwt`
   * with a key, else `none`. `tls_client_auth` is also the one for self-signed certificates.
   */
  readonly clientAuthentication?: ClientAuthentication;
  /**
   * The `aud` of the assertions of `private_key_jwt` and `client_secret_jwt`. Default: `issuer`, which no other provider can
   * use again. Okta and Microsoft Entra take the `token_endpoint` only.
   */
  readonly assertionAudience?: AssertionAudience;
  /** Sends every request to the provider. For `tls_client_auth` it presents the client certificate. Default: the global one. */
  readonly fetch?: typeof fetch;
}

/** Returns the method that the options choose or imply. */
export function clientAuthenticationMethod(options: ClientAuthenticationOptions): ClientAuthentication {
  if (options.clientAuthentication !== undefined) return options.clientAuthentication;
  if (options.clientSecret !== undefined) return 'client_secret_basic';
  return options.clientKey === undefined ? 'none' : 'private_key_jwt';
}

/** Creates what authenticates the requests of a client. The options have no problems. */
export function createClientAuthentication(options: ClientAuthenticationOptions): ClientAuth {
  const { clientSecret, clientKey } = options;
  switch (clientAuthenticationMethod(options)) {
    case 'client_secret_basic':
      return ClientSecretBasic(clientSecret);
    case 'client_secret_post':
      return ClientSecretPost(clientSecret);
    case 'client_secret_jwt':
      return withAssertion((assertion) => ClientSecretJwt(clientSecret, assertion), options);
    case 'private_key_jwt':
      return withAssertion((assertion) => PrivateKeyJwt(assertionKey(clientKey), assertion), options);
    case 'tls_client_auth':
      return TlsClientAuth();
    case 'none':
      return None();
  }
}

/** Lists every problem of the options, contradictions included. @param prefix of the paths, such as `providers.legacy.` */
export function clientAuthenticationProblems(options: ClientAuthenticationOptions, prefix = ''): Problem[] {
  const { clientSecret, clientKey, clientAuthentication } = options;
  const problems: Problem[] = [];
  const report = (path: string, message: string) => problems.push({ path: `${prefix}${path}`, message });

  if ('clientSecret' in options && clientSecret === undefined) {
    report('clientSecret', 'is undefined: is the environment variable set? Leave it out for a public client');
  } else if (clientSecret === '') report('clientSecret', 'must not be empty: leave it out for a public client');
  else if (clientSecret !== undefined && typeof clientSecret !== 'string') report('clientSecret', 'must be a text');
  if (clientKey !== undefined) reportClientKey(clientKey, report);
  if (options.fetch !== undefined && typeof options.fetch !== 'function') report('fetch', 'must be a function');
  if (clientAuthentication !== undefined && !CLIENT_AUTHENTICATIONS.includes(clientAuthentication)) {
    report('clientAuthentication', `must be one of ${CLIENT_AUTHENTICATIONS.join(', ')}`);
    return problems;
  }
  if (clientAuthentication === undefined && clientSecret !== undefined && clientKey !== undefined) {
    report(
      'clientAuthentication',
      'is required with both clientSecret and clientKey: leave out the one it does not use',
    );
    return problems;
  }

  const method = clientAuthenticationMethod(options);
  if (options.assertionAudience !== undefined && !ASSERTION_AUDIENCES.includes(options.assertionAudience)) {
    report('assertionAudience', `must be one of ${ASSERTION_AUDIENCES.join(', ')}`);
  } else if (options.assertionAudience !== undefined && !method.endsWith('_jwt')) {
    report('assertionAudience', `must be left out: ${method} sends no assertion`);
  }
  const usesSecret = method.startsWith('client_secret');
  const usesKey = method === 'private_key_jwt';
  if (usesSecret && clientSecret === undefined) report('clientSecret', `is required by ${method}`);
  if (!usesSecret && clientSecret) report('clientSecret', `must be left out: ${method} does not use it`);
  if (usesKey && clientKey === undefined) report('clientKey', `is required by ${method}`);
  if (!usesKey && clientKey !== undefined) report('clientKey', `must be left out: ${method} does not use it`);
  if (method === 'tls_client_auth' && options.fetch === undefined) {
    report('fetch', 'is required by tls_client_auth: it presents the client certificate');
  }
  return problems;
}
