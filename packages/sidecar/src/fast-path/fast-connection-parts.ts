import type { Socket } from 'node:net';
import type { FastPathHandler } from './client-response.ts';
import type { UnfinishedBytes, UnfinishedHolder } from './unfinished-bytes.ts';

/** A client's connection: simple requests are served here, others are lent to the HTTP server one at a time. */
export interface FastConnection extends UnfinishedHolder {
  /** Enforces the timeouts. @param nowMs from `performance.now()`. */
  check(nowMs: number): void;
  /** Closes the connection if no request has been on its way for a while. */
  closeIfIdle(nowMs: number): void;
}

export interface FastConnectionParts {
  /** Absent: every request is lent. */
  readonly handle?: FastPathHandler | undefined;
  /** Makes the HTTP server read a connection. */
  readonly serve: (socket: Socket) => void;
  /** Gets the connection, paused, with the request. Absent: a request for another protocol is served as if it were none. */
  readonly onUpgrade?: ((socket: Socket) => void) | undefined;
  /** Gets a connection, paused, that begins with the preface of HTTP/2 (RFC 9113 §3.4). Absent: that is no request. */
  readonly onHttp2?: ((socket: Socket) => void) | undefined;
  /** Whether the sidecar is going out of service. */
  readonly closing: () => boolean;
  readonly headerTimeoutMs: number;
  readonly stallTimeoutMs: number;
  readonly idleTimeoutMs: number;
  /** What says so in a response. */
  readonly keepAlive: string;
  readonly unfinished: UnfinishedBytes;
  /** Called when the connection is closed or handed over. */
  readonly onLeave: (connection: FastConnection) => void;
}
