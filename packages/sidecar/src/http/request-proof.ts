import { clientUrl, forwardedCertificateThumbprint, type RequestProof, type TokenScheme } from '@crossfade/validator';
import { headerValues } from './header-values.ts';
import type { ClientConnection } from './request-headers.ts';
import { readRequestTarget } from './request-target.ts';
import type { IsTrustedProxy } from './trusted-proxies.ts';

/** The parts of a request that show who sent it. */
export interface ProvableRequest {
  readonly method: string;
  readonly target: string;
  /** Names and values in turn. */
  readonly rawHeaders: readonly string[];
  readonly client: ClientConnection;
}

export interface ProofSettings {
  /** The public URL of the path `/` of the data port. Absent: as trusted proxies say, else as the request says. */
  readonly publicUrl?: string | undefined;
  readonly isTrustedProxy: IsTrustedProxy;
}

/** Reads what a request shows besides its token; `undefined` for a bearer token without a client certificate. */
export type ProofReader = (request: ProvableRequest | undefined, scheme: TokenScheme) => RequestProof | undefined;

/** Reads the proof of possession (RFC 9449, RFC 8705) of a request that is addressed to the API. */
export function createProofReader({ publicUrl, isTrustedProxy }: ProofSettings): ProofReader {
  return (request, scheme) => {
    if (request === undefined) return undefined;
    const certificate = certificateOf(request);
    if (scheme !== 'DPoP' && certificate === undefined) return undefined;
    const { method, target, client, rawHeaders } = request;
    const host = readRequestTarget(target, '')?.host ?? headerValues(rawHeaders, 'host')[0] ?? '';
    const url = clientUrl({
      publicUrl,
      target,
      origin: `${client.protocol}://${host}`,
      remoteAddress: client.remoteAddress,
      isTrusted: (address, distance) => (distance === 0 ? client.trusted : isTrustedProxy(address)),
      headerValues: (name) => headerValues(rawHeaders, name),
    });
    const dpop = scheme === 'DPoP' ? { dpop: headerValues(rawHeaders, 'dpop') } : {};
    return { method, url, ...dpop, ...(certificate !== undefined && { certificate }) };
  };
}

function certificateOf({ rawHeaders, client }: ProvableRequest): string | undefined {
  const { certificateHeader: header, certificate } = client;
  if (header?.isBelieved !== true) return certificate?.thumbprint;
  const values = headerValues(rawHeaders, header.name);
  return forwardedCertificateThumbprint(values, formatOf(header.name, values[0]));
}

/** Envoy's header has a name of its own. A PEM never begins with a colon, as RFC 9440 does. */
function formatOf(header: string, value = ''): 'envoy' | 'rfc9440' | 'nginx' {
  if (header === 'x-forwarded-client-cert') return 'envoy';
  return value.trimStart().startsWith(':') ? 'rfc9440' : 'nginx';
}
