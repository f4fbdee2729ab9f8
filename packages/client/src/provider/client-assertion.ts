import { createHash, type webcrypto, X509Certificate } from 'node:crypto';
import { type ClientAuth, type ModifyAssertionOptions, modifyAssertion, type PrivateKeyJwt } from 'openid-client';

/** The values by which an assertion names the provider. @see RFC 7523 §3 */
export const ASSERTION_AUDIENCES = ['issuer', 'token_endpoint'] as const;
export type AssertionAudience = (typeof ASSERTION_AUDIENCES)[number];

/** The private key of `private_key_jwt`, and how the provider knows it. */
export interface ClientKey {
  readonly key: webcrypto.CryptoKey;
  /** Names the key, if the provider knows several (RFC 7515 §4.1.4). */
  readonly kid?: string;
  /** The certificate of the key (PEM): its thumbprint names the key as Microsoft Entra needs it (RFC 7515 §4.1.8). */
  readonly certificate?: string;
}

type GivenKey = webcrypto.CryptoKey | ClientKey;

export interface AssertionOptions {
  readonly clientKey?: GivenKey;
  readonly assertionAudience?: AssertionAudience;
}

/** The key algorithms of JWS with a private key. @see RFC 7518 §3.1, RFC 8037 */
const SIGNING_ALGORITHMS: readonly unknown[] = ['RSASSA-PKCS1-v1_5', 'RSA-PSS', 'ECDSA', 'Ed25519', 'EdDSA'];

/** The key as openid-client takes it. */
export function assertionKey(clientKey: GivenKey | undefined): Parameters<typeof PrivateKeyJwt>[0] {
  return (isBareKey(clientKey) ? { key: clientKey } : clientKey) as Parameters<typeof PrivateKeyJwt>[0];
}

function isBareKey(clientKey: GivenKey | undefined): clientKey is webcrypto.CryptoKey {
  return typeof clientKey !== 'object' || clientKey === null || !('key' in clientKey);
}

/** Changes what the assertions of an authentication say about their audience and their key. */
export function withAssertion(
  create: (assertion: ModifyAssertionOptions) => ClientAuth,
  { clientKey, assertionAudience }: AssertionOptions,
): ClientAuth {
  const certificate = isBareKey(clientKey) ? undefined : clientKey?.certificate;
  const thumbprint = certificate === undefined ? undefined : thumbprintOf(certificate);
  let tokenEndpoint: string | undefined;
  const authenticate = create({
    [modifyAssertion](header, payload) {
      if (thumbprint !== undefined) header['x5t#S256'] = thumbprint;
      if (assertionAudience === 'token_endpoint' && tokenEndpoint !== undefined) payload['aud'] = tokenEndpoint;
    },
  });
  return (server, client, body, headers) => {
    tokenEndpoint = server.token_endpoint;
    return authenticate(server, client, body, headers);
  };
}

function thumbprintOf(certificate: string): string {
  return createHash('sha256').update(new X509Certificate(certificate).raw).digest('base64url');
}

/** Reports every problem of a key. */
export function reportClientKey(clientKey: GivenKey, report: (path: string, message: string) => void): void {
  const key = isBareKey(clientKey) ? clientKey : clientKey.key;
  if (key?.type !== 'private' || !key.usages?.includes('sign') || !SIGNING_ALGORITHMS.includes(key.algorithm?.name)) {
    report('clientKey', 'must be a private CryptoKey that may sign, or { key, kid }: importPKCS8 of jose creates one');
  }
  if (isBareKey(clientKey)) return;
  const { kid, certificate } = clientKey;
  if (kid !== undefined && (typeof kid !== 'string' || kid === '')) {
    report('clientKey.kid', 'must not be empty: leave it out for the only key of the client');
  }
  if (certificate !== undefined && !isCertificate(certificate)) {
    report('clientKey.certificate', 'must be a certificate in PEM form');
  }
}

function isCertificate(text: string): boolean {
  try {
    return new X509Certificate(text).raw.length > 0;
  } catch {
    return false;
  }
}
