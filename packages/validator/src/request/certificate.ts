import { createHash, type X509Certificate } from 'node:crypto';

/** The ways in which a proxy that ends TLS hands on the client's certificate in a header. */
export type CertificateHeaderFormat = 'rfc9440' | 'nginx' | 'envoy';

/**
 * `x5t#S256` of a certificate, as a token carries it that is bound to one (RFC 8705 §3.1).
 * @param certificate - parsed, or in DER.
 */
export function certificateThumbprint(certificate: X509Certificate | Uint8Array): string {
  const der = certificate instanceof Uint8Array ? certificate : certificate.raw;
  return createHash('sha256').update(der).digest('base64url');
}

/**
 * The thumbprint of the certificate that the client of this very connection proved to own in the TLS handshake.
 * Whether anybody vouches for it does not matter here: the token names the certificate itself (RFC 8705 §2.2, §3).
 * @param socket - of the request: `request.socket`.
 * @returns `undefined` without TLS, or without a client certificate.
 */
export function peerCertificateThumbprint(socket: object): string | undefined {
  if (!('getPeerX509Certificate' in socket) || typeof socket.getPeerX509Certificate !== 'function') return undefined;
  const certificate: X509Certificate | undefined = socket.getPeerX509Certificate();
  return certificate === undefined ? undefined : certificateThumbprint(certificate);
}

/**
 * The thumbprint of a certificate that a proxy hands on. Only for a header that the proxy always sets or removes:
 * otherwise whoever knows a certificate, which is public, could claim it.
 * @param values - every value of the header; more than one means that somebody else wrote there, too.
 * @param format - `rfc9440` for `Client-Cert: :base64:`, `nginx` for `$ssl_client_escaped_cert`, `envoy` for the
 * `x-forwarded-client-cert` that Envoy sets in place of any other (`SANITIZE_SET`).
 * @see RFC 9440 §2.2
 */
export function forwardedCertificateThumbprint(
  values: readonly string[],
  format: CertificateHeaderFormat,
): string | undefined {
  if (format === 'envoy') return envoyThumbprint(values.join(','));
  const [value, ...others] = values;
  if (value === undefined || others.length > 0) return undefined;
  const base64 = format === 'rfc9440' ? RFC_9440.exec(value)?.[1] : pemBody(value);
  return base64 === undefined ? undefined : certificateThumbprint(Buffer.from(base64, 'base64'));
}

const RFC_9440 = /^\s*:([A-Za-z0-9+/]+={0,2}):\s*$/;
const PEM = /^-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----\s*$/;

/** What Envoy says itself comes first: its own name, and the SHA-256 of the certificate. */
const ENVOY = /^(?:By=[^;,"]*;)*Hash=([0-9a-f]{64})(?:;|$)/;

/**
 * What follows the hash is out of the certificate, the word of its owner: it may hold a quote, a comma and another hash.
 * So a header with a second hash is taken for nobody's, and with it one to which an Envoy that appends has added its own.
 */
function envoyThumbprint(value: string): string | undefined {
  const hash = ENVOY.exec(value)?.[1];
  if (hash === undefined || value.toLowerCase().split('hash=').length > 2) return undefined;
  return Buffer.from(hash, 'hex').toString('base64url');
}

function pemBody(escaped: string): string | undefined {
  try {
    return PEM.exec(decodeURIComponent(escaped))?.[1];
  } catch {
    return undefined;
  }
}
