import type { Duplex } from 'node:stream';
import { createUpstreamPool, type UpstreamPool } from '../fast-path/upstream-pool.ts';
import { createHttp1Client } from './http1-client.ts';
import { createHttp2Client } from './http2-client.ts';
import { createUpstreamPlace, type UpstreamAddress } from './upstream-connector.ts';
import type { UpstreamClient, UpstreamHandler, UpstreamRequest } from './upstream-handler.ts';

export interface UpstreamOptions extends UpstreamAddress {
  /** How long the API may take to begin its response. */
  readonly responseTimeoutMs: number;
  /** What the API speaks; absent: `http1`. */
  readonly upstreamProtocol?: 'http1' | 'h2' | undefined;
}

/** The connections to the API. */
export interface UpstreamConnections {
  /** Prepended to every request's path. */
  readonly pathPrefix: string;
  /** For the requests of the fast path, which speaks HTTP/1.1 only. */
  readonly fastPath: UpstreamPool;
  /** For all others. */
  readonly client: UpstreamClient;
  /** Reads the response to a request of the fast path. @param bytes everything from the API. */
  readResponse(request: Pick<UpstreamRequest, 'method' | 'path'>, bytes: Duplex, handler: UpstreamHandler): void;
  close(): Promise<void>;
}

const READ_BYTES = 65_536;

export function createUpstream(options: UpstreamOptions): UpstreamConnections {
  const { responseTimeoutMs, upstreamProtocol } = options;
  const { pathPrefix, authority, connect } = createUpstreamPlace(options);
  const http1 = createHttp1Client({ connect, authority, responseTimeoutMs });
  const scheme = options.upstream.startsWith('https:') ? 'https' : 'http';
  const http2 = { connect, authority, scheme, responseTimeoutMs } as const;
  const client = upstreamProtocol === 'h2' ? createHttp2Client(http2) : http1;
  /** Shared by all connections: its bytes are consumed before any others arrive. */
  const buffer = Buffer.allocUnsafeSlow(READ_BYTES);
  const fastPath = createUpstreamPool((onBytes, done) => {
    connect({ onread: { buffer, callback: (bytes) => onBytes(buffer.subarray(0, bytes)) } }, done);
  }, responseTimeoutMs);
  return {
    pathPrefix,
    fastPath,
    client,
    readResponse: http1.readResponse,
    async close() {
      fastPath.close();
      await Promise.all([http1.close(), client.close()]);
    },
  };
}
