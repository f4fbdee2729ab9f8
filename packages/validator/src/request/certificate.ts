import { createHash, type X509Certificate } from 'node:crypto';

/** The formats in which a TLS-terminating proxy forwards the client certificate in a header. */
export type CertificateHeaderFormat = 'rfc9440' | 'nginx' | 'envoy';

/**
 * The `x5t#S256` thumbprint of a certificate, as in a token bound to it (RFC 8705 §3.1).
 * @param certificate - parsed, or in DER.
 */
export function certificateThumbprint(certificate: X509Certificate | Uint8Array): string {
  const der = certificate instanceof Uint8Array ? certificate : certificate.raw;
  return createHash('sha256').update(der).digest('base64url');
}

/**
 * The thumbprint of the certificate whose key the client proved to hold in this connection's TLS handshake. Its chain
 * of trust does not matter: the token names the certificate itself (RFC 8705 §2.2, §3).
 * @param socket - `request.socket`.
 * @returns `undefined` without TLS, or without a client certificate.
 */
export function peerCertificateThumbprint(socket: object): string | undefined {
  if (!('getPeerX509Certificate' in socket) || typeof socket.getPeerX509Certificate !== 'function') return undefined;
  const certificate: X509Certificate | undefined = socket.getPeerX509Certificate();
  return certificate === undefined ? undefined : certificateThumbprint(certificate);
}

/**
 * The thumbprint of a certificate that a proxy forwards. Use it only for a header that the proxy sets or removes on
 * every request: certificates are public, so otherwise any client could claim one.
 * @param values - every value of the header; several mean that the client sent one, too.
 * @param format - `rfc9440` for `Client-Cert: :base64:`, `nginx` for `$ssl_client_escaped_cert`, `envoy` for the
 * `x-forwarded-client-cert` in Envoy's mode `SANITIZE_SET`.
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

/** What Envoy itself writes comes first: its own name, and the SHA-256 of the certificate. */
const ENVOY = /^(?:By=[^;,"]*;)*Hash=([0-9a-f]{64})(?:;|$)/;

/**
 * The part after the hash comes from the certificate, so its owner controls it: it may hold a quote, a comma and
 * another hash. A header with a second hash is therefore ignored, including one that an appending Envoy has extended.
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
