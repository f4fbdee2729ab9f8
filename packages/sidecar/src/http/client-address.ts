import type { X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import { certificateThumbprint } from '@crossfade/validator';
import type { ForwardedHeaders } from './forwarded-headers.ts';
import type { ClientCertificate, ClientConnection } from './request-headers.ts';
import type { IsTrustedProxy } from './trusted-proxies.ts';

export interface ClientAddressOptions {
  readonly isTrustedProxy: IsTrustedProxy;
  /** The protocol of the data port. */
  readonly protocol: ClientConnection['protocol'];
  /** The data port is a Unix socket; its file permissions limit access, so that every client is trusted. */
  readonly onUnixSocket: boolean;
  /** The header in which trusted proxies name their client's certificate, in lower case. */
  readonly certificateHeader?: string | undefined;
  /** The data port asks its clients for a certificate by itself. Then no header counts. */
  readonly requestsCertificate: boolean;
  /** Absent: what clients send in place of a trusted proxy is replaced all the same. */
  readonly forwardedHeaders?: Pick<ForwardedHeaders, 'noteOf'> | undefined;
}

/** RFC 9440 §2.2. */
const CLIENT_CERT = 'client-cert';

/**
 * Finds the address of a connection's client, its certificate, and whether its `X-Forwarded-*` headers are trusted; once
 * for each connection. A client that has reset its connection has no address any more, and is not trusted.
 */
export function createClientLookup(options: ClientAddressOptions): (socket: Socket) => ClientConnection {
  const { isTrustedProxy, protocol, onUnixSocket, requestsCertificate } = options;
  const headerName = options.certificateHeader ?? (requestsCertificate ? CLIENT_CERT : undefined);
  const known = new WeakMap<Socket, ClientConnection>();
  const lookUp = (socket: Socket): ClientConnection => {
    const address = socket.remoteAddress === undefined ? undefined : plainAddress(socket.remoteAddress);
    const trusted = address === undefined ? onUnixSocket : isTrustedProxy(address);
    const isBelieved = trusted && !requestsCertificate;
    const certificateHeader = headerName === undefined ? undefined : { name: headerName, isBelieved };
    const certificate = requestsCertificate ? certificateOf(socket) : undefined;
    const noteReplaced = trusted || address === undefined ? undefined : options.forwardedHeaders?.noteOf(address);
    return { remoteAddress: address, protocol, trusted, noteReplaced, certificateHeader, certificate };
  };
  return (socket) => {
    let client = known.get(socket);
    if (client === undefined) {
      client = lookUp(socket);
      known.set(socket, client);
    }
    return client;
  };
}

/** A dual-stack socket names an IPv4 client `::ffff:192.0.2.1`, which no API expects. */
function plainAddress(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice('::ffff:'.length) : address;
}

/** The client proved in the handshake that it has the key. Its chain does not matter (RFC 8705 §2.2, §3). */
function certificateOf(socket: Socket & { getPeerX509Certificate?(): X509Certificate | undefined }) {
  const certificate = socket.getPeerX509Certificate?.();
  if (certificate === undefined) return undefined;
  const { raw } = certificate;
  return { thumbprint: certificateThumbprint(raw), header: `:${raw.toString('base64')}:` } satisfies ClientCertificate;
}
