import { connect as connectTcp, isIP, type OnReadOpts, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { timeoutError } from './upstream-handler.ts';

/** The address of the API. */
export interface UpstreamAddress {
  /** Base URL, or `unix:` and the path of a socket. */
  readonly upstream: string;
  /** PEM certificates that verify an https upstream; absent: those of Node.js. */
  readonly ca?: string;
}

/** Where the API listens. */
export interface UpstreamPlace {
  /** The `Host` of a request without one. */
  readonly authority: string;
  /** Of the URL, without a trailing slash. */
  readonly pathPrefix: string;
  readonly connect: ConnectUpstream;
}

/** The result of connecting. */
export type Connected = (...result: [error: Error, socket: null] | [error: null, socket: Socket]) => void;

/** Opens a connection to the API; over TLS, the handshake is complete and the certificate verified. */
export type ConnectUpstream = (options: ConnectOptions, done: Connected) => void;

interface ConnectOptions {
  /** Reads into a buffer of the caller's. */
  readonly onread?: OnReadOpts;
  /** Protocols to choose from (ALPN); absent: HTTP/1.1. */
  readonly protocols?: readonly string[];
}

const CONNECT_TIMEOUT_MS = 10_000;
const TCP_KEEP_ALIVE_MS = 60_000;

export function createUpstreamPlace({ upstream, ca }: UpstreamAddress): UpstreamPlace {
  const socketPath = upstream.startsWith('unix:') ? upstream.slice('unix:'.length) : undefined;
  const base = new URL(socketPath === undefined ? upstream : 'http://localhost');
  const encrypted = base.protocol === 'https:';
  const host = base.hostname.replace(/^\[|\]$/g, '');
  const port = Number(base.port) || (encrypted ? 443 : 80);
  const where = socketPath === undefined ? { host, port } : { path: socketPath };
  // The certificate is for the name in `upstream`, whatever the client sent in `Host`.
  const tls = { ...(ca !== undefined && { ca }), ...(isIP(host) === 0 && { servername: host }) };
  /** Of the last connection, so that the next one needs no full handshake. */
  let session: Buffer | undefined;

  const open = ({ onread, protocols = ['http/1.1'] }: ConnectOptions): Socket => {
    const options = { ...where, ...(onread !== undefined && { onread }) };
    if (!encrypted) return connectTcp(options);
    const resumed = session !== undefined && { session };
    const socket = connectTls({ ...options, ...tls, ...resumed, ALPNProtocols: [...protocols] });
    return socket.on('session', (ticket: Buffer) => {
      session = ticket;
    });
  };

  return {
    authority: base.host,
    pathPrefix: base.pathname.replace(/\/$/, ''),
    connect(options, done) {
      const socket = open(options);
      let isOpen = false;
      const onTimeout = () => {
        if (!isOpen) socket.destroy(timeoutError('the API accepted no connection in time'));
      };
      // After a pause of this process it may have been accepted, and not been noticed.
      const timeout = setTimeout(() => setImmediate(onTimeout), CONNECT_TIMEOUT_MS).unref();
      const onError = (error: Error) => {
        clearTimeout(timeout);
        done(error, null);
      };
      socket.once('error', onError);
      socket.once(encrypted ? 'secureConnect' : 'connect', () => {
        isOpen = true;
        clearTimeout(timeout);
        socket.off('error', onError);
        socket.setNoDelay(true).setKeepAlive(true, TCP_KEEP_ALIVE_MS);
        done(null, socket);
      });
    },
  };
}
