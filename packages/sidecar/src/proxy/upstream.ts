import type { Duplex } from 'node:stream';
import { createUpstreamPool, type UpstreamPool } from '../fast-path/upstream-pool.ts';
import { createHttp1Client } from './http1-client.ts';
import { createUpstreamPlace, type UpstreamAddress } from './upstream-connector.ts';
import type { UpstreamClient, UpstreamHandler, UpstreamRequest } from './upstream-handler.ts';

export interface UpstreamOptions extends UpstreamAddress {
  /** How long the API may take to begin its response. */
  readonly responseTimeoutMs: number;
}

/** The connections to the API. */
export interface UpstreamConnections {
  /** Prepended to every request's path. */
  readonly pathPrefix: string;
  /** For the requests of the fast path. */
  readonly fastPath: UpstreamPool;
  /** For all others. */
  readonly client: UpstreamClient;
  /** Reads the response to a request of the fast path. @param bytes everything from the API. */
  readResponse(request: Pick<UpstreamRequest, 'method' | 'path'>, bytes: Duplex, handler: UpstreamHandler): void;
  close(): Promise<void>;
}

const READ_BYTES = 65_536;

export function createUpstream({ responseTimeoutMs, ...address }: UpstreamOptions): UpstreamConnections {
  const { pathPrefix, authority, connect } = createUpstreamPlace(address);
  const client = createHttp1Client({ connect, authority, responseTimeoutMs });
  /** Shared by all connections: its bytes are consumed before any others arrive. */
  const buffer = Buffer.allocUnsafeSlow(READ_BYTES);
  const fastPath = createUpstreamPool((onBytes, done) => {
    connect({ onread: { buffer, callback: (bytes) => onBytes(buffer.subarray(0, bytes)) } }, done);
  }, responseTimeoutMs);
  return {
    pathPrefix,
    fastPath,
    client,
    readResponse: client.readResponse,
    async close() {
      fastPath.close();
      await client.close();
    },
  };
}
