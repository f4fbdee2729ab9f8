import { type ClientRequest, Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import { Duplex, type Readable, Writable } from 'node:stream';
import { buildConnector, Pool } from 'undici';
import { createUpstreamPool, type UpstreamPool } from '../fast-path/upstream-pool.ts';
import { API_IDLE_TIMEOUT_MS } from '../http/limits.ts';

/** The address of the API. */
export interface UpstreamAddress {
  /** Base URL, or `unix:` and the path of a socket. */
  readonly upstream: string;
  /** PEM certificates that verify an https upstream; absent: those of Node.js. */
  readonly ca?: string;
}

/** The connections to the API. */
export interface UpstreamConnections {
  /** Prepended to every request's path. */
  readonly pathPrefix: string;
  /** For the requests of the fast path. */
  readonly fastPath: UpstreamPool;
  /** For almost all others. */
  readonly pool: Pool;
  /** One request on a connection of its own, for what undici cannot send. */
  request(message: Message): ClientRequest;
  /** A request that has been sent already. @param bytes contain its response. */
  sent(message: Message, bytes: Readable): ClientRequest;
  close(): Promise<void>;
}

interface Message {
  readonly method: string;
  readonly path: string;
  readonly headers: readonly string[];
}

const CONNECT_TIMEOUT_MS = 10_000;
/** How long the API may take to begin its response. */
export const RESPONSE_TIMEOUT_MS = 300_000;
export const MAX_HEADER_BYTES = 65_536;
const READ_BYTES = 65_536;

export function createUpstream({ upstream, ca }: UpstreamAddress): UpstreamConnections {
  const socketPath = upstream.startsWith('unix:') ? upstream.slice('unix:'.length) : undefined;
  const base = new URL(socketPath === undefined ? upstream : 'http://localhost');
  const encrypted = base.protocol === 'https:';
  const host = base.hostname.replace(/^\[|\]$/g, '');
  const port = Number(base.port) || (encrypted ? 443 : 80);
  const named = isIP(host) === 0 && { servername: host };
  const tls = { ...(ca !== undefined && { ca }), ...named };
  const where = socketPath === undefined ? { host, port } : { socketPath };

  const options = { timeout: CONNECT_TIMEOUT_MS, ...(socketPath !== undefined && { socketPath }), ...tls };
  const to = { hostname: host, port: String(port), protocol: base.protocol, ...named };
  const connect = buildConnector(options);
  // The connector alone does TLS: undici would verify the host name that the client sent in `Host`.
  const pool = new Pool(`http://${base.hostname}:${port}`, {
    connect: (_options, done) => connect(to, done),
    keepAliveTimeout: API_IDLE_TIMEOUT_MS,
    headersTimeout: RESPONSE_TIMEOUT_MS,
    // Event streams may be silent as long as they like.
    bodyTimeout: 0,
    maxHeaderSize: MAX_HEADER_BYTES,
  });
  /** Shared by all connections: its bytes are consumed before any others arrive. */
  const buffer = Buffer.allocUnsafeSlow(READ_BYTES);
  let session: Buffer | undefined;
  const fastPath = createUpstreamPool((onBytes, done) => {
    const onread = { buffer, callback: (bytes: number) => onBytes(buffer.subarray(0, bytes)) };
    buildConnector({ ...options, onread, ...(session !== undefined && { session }) })(to, (...result) => {
      result[1]?.on('session', (ticket: Buffer) => {
        session = ticket;
      });
      done(...result);
    });
  }, RESPONSE_TIMEOUT_MS);
  const agent = encrypted ? new HttpsAgent(tls) : new HttpAgent();

  return {
    fastPath,
    pathPrefix: base.pathname.replace(/\/$/, ''),
    pool,
    request(message) {
      const options = { ...where, ...message, headers: [...message.headers], agent, maxHeaderSize: MAX_HEADER_BYTES };
      return encrypted ? httpsRequest(options) : httpRequest(options);
    },
    sent(message, bytes) {
      const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
      const connection = Duplex.from({ readable: bytes, writable: nowhere });
      const headers = [...message.headers];
      const options = { ...message, headers, createConnection: () => connection, maxHeaderSize: MAX_HEADER_BYTES };
      return httpRequest(options).once('response', (response) => response.once('close', () => bytes.destroy()));
    },
    async close() {
      fastPath.close();
      agent.destroy();
      await pool.destroy();
    },
  };
}
