import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { readAfterBrokenPipe } from './broken-pipe.ts';
import { type ConnectAttempt, startHttp1Exchange } from './http1-exchange.ts';
import { http1Headers } from './http1-headers.ts';
import { createIdleSockets } from './idle-sockets.ts';
import type { ConnectUpstream } from './upstream-connector.ts';
import type { UpstreamClient, UpstreamHandler, UpstreamRequest } from './upstream-handler.ts';

/** Sends requests over HTTP/1.1, one at a time on a connection, and reads their responses as `node:http` does. */
export interface Http1Client extends UpstreamClient {
  /** Reads the response to a request that has been sent already. @param bytes everything from the API. */
  readResponse(request: Pick<UpstreamRequest, 'method' | 'path'>, bytes: Duplex, handler: UpstreamHandler): void;
}

interface Http1ClientOptions {
  readonly connect: ConnectUpstream;
  /** The `Host` of a request without one. */
  readonly authority: string;
  /** How long the API may take to begin its response. */
  readonly responseTimeoutMs: number;
}

export function createHttp1Client({ connect, authority, responseTimeoutMs }: Http1ClientOptions): Http1Client {
  const idle = createIdleSockets();
  const open = new Set<Socket>();
  let isClosed = false;
  const connectNew: ConnectAttempt = (done) => {
    connect({}, (error, socket) => {
      if (error !== null) return done(error);
      if (isClosed) return done(new Error('the sidecar is closing'), void socket.destroy());
      open.add(socket);
      socket.once('close', () => open.delete(socket));
      // What Node.js writes without an encoding are header sections, which are octets.
      socket.setDefaultEncoding('latin1');
      readAfterBrokenPipe(socket);
      done(null, socket);
    });
  };

  return {
    send(request, handler) {
      const headers = http1Headers(request, authority);
      let abort: (() => void) | undefined;
      let isAborted = false;
      const attempt = (reused: Socket | undefined) => {
        if (isAborted) return;
        const retry = () => void setImmediate(attempt, undefined);
        const connection = { reused, connect: connectNew, free: idle.add, retry };
        abort = startHttp1Exchange({ request, headers, handler, responseTimeoutMs, connection });
      };
      handler.onConnect(() => {
        isAborted = true;
        abort?.();
      });
      attempt(idle.take());
    },

    readResponse({ method, path }, bytes, handler) {
      const request = { method, path, headers: [], body: null, trailers: () => [], expectsContinue: false };
      const connect: ConnectAttempt = (done) => done(null, bytes);
      const connection = { reused: undefined, connect, free: undefined, retry() {} };
      const abort = startHttp1Exchange({ request, headers: [], handler, responseTimeoutMs, connection });
      handler.onConnect(abort);
    },

    async close() {
      isClosed = true;
      idle.close();
      for (const socket of open) socket.destroy();
    },
  };
}
