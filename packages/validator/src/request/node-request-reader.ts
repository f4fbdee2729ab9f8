import type { IncomingMessage } from 'node:http';
import type { ServerHttp2Stream } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import { rawAuthorization, rawHeaderNames, rawHeaderValues } from '../http/raw-header-values.ts';
import { peerCertificateThumbprint } from './certificate.ts';
import type { RequestReader } from './request-reader.ts';

/** Keyed by socket: the handshake happens once per connection. */
const thumbprints = new WeakMap<object, string | undefined>();

/** Reads requests of `node:http`, `node:https` and `node:http2` as sent: repeated headers are kept. */
export const nodeRequestReader: RequestReader<IncomingMessage> = {
  authorization: (request) => rawAuthorization(request.rawHeaders),
  headerValues: (request, name) => rawHeaderValues(request.rawHeaders, name),
  headerNames: (request) => rawHeaderNames(request.rawHeaders),
  method: (request) => request.method ?? 'GET',
  /** Only HTTP/2 has streams, and needs no header for a body (RFC 9113 §8.1). */
  hasBody: (request) => (request as { readonly stream?: Partial<ServerHttp2Stream> }).stream?.endAfterHeaders === false,
  base: connectionOrigin,
  target: (request) => request.url ?? '/',
  certificate(request) {
    if (!isEncrypted(request)) return undefined;
    const { socket } = request;
    if (!thumbprints.has(socket)) thumbprints.set(socket, peerCertificateThumbprint(socket));
    return thumbprints.get(socket);
  },
};

/** Scheme and host of a request, as its own connection and `Host` have them. */
export function connectionOrigin(request: IncomingMessage): string {
  return `${isEncrypted(request) ? 'https' : 'http'}://${hostOf(request)}`;
}

function isEncrypted({ socket }: IncomingMessage): boolean {
  return (socket as Partial<TLSSocket>).encrypted === true;
}

/** HTTP/2 has the pseudo header `:authority` instead of `host` (RFC 9113 §8.3.1). */
function hostOf({ headers }: IncomingMessage): string {
  const authority: unknown = headers[':authority'];
  return headers.host ?? (typeof authority === 'string' ? authority : '');
}
