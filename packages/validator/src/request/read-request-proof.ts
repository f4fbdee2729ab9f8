import { type CertificateHeaderFormat, forwardedCertificateThumbprint } from './certificate.ts';
import type { RequestProof } from './judgement-context.ts';
import { publicUrls } from './public-url.ts';
import type { RequestReader } from './request-reader.ts';

/** A header in which a proxy forwards the client certificate. The proxy must set or remove it on every request. */
export interface CertificateHeader {
  readonly name: string;
  /**
   * `rfc9440` for `Client-Cert: :base64:`; `nginx` for PEM with percent-encoding; `envoy` for
   * `x-forwarded-client-cert`.
   */
  readonly format: CertificateHeaderFormat;
}

/** Where to read a proof of possession from. */
export interface ProofSources {
  /** The public URL of the path `/` of the server. Ends without a slash. */
  readonly publicUrl: string | undefined;
  readonly certificateHeader: CertificateHeader | undefined;
}

/** Reads the proof that accompanies a token of the `DPoP` scheme. */
export function readDpopProof<R>(request: R, reader: RequestReader<R>, sources: ProofSources): RequestProof {
  const certificate = certificateOf(request, reader, sources);
  const dpop = reader.headerValues(request, 'dpop');
  return { ...addressOf(request, reader, sources), dpop, ...(certificate === undefined ? {} : { certificate }) };
}

/** Reads the proof that accompanies a token of the `Bearer` scheme: a client certificate, or `undefined`. */
export function readCertificateProof<R>(
  request: R,
  reader: RequestReader<R>,
  sources: ProofSources,
): RequestProof | undefined {
  const certificate = certificateOf(request, reader, sources);
  return certificate === undefined ? undefined : { ...addressOf(request, reader, sources), certificate };
}

function addressOf<R>(
  request: R,
  reader: RequestReader<R>,
  { publicUrl }: ProofSources,
): Pick<RequestProof, 'method' | 'url'> {
  const url = publicUrls(publicUrl ?? reader.base(request), reader.target(request));
  return { method: reader.method(request), url };
}

/** Behind a TLS-terminating proxy, the certificate of the connection is the proxy's own. */
function certificateOf<R>(
  request: R,
  reader: RequestReader<R>,
  { certificateHeader }: ProofSources,
): string | undefined {
  if (certificateHeader === undefined) return reader.certificate(request);
  const { name, format } = certificateHeader;
  return forwardedCertificateThumbprint(reader.headerValues(request, name), format);
}
