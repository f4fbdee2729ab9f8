import { constants, createServer, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { Server } from 'node:https';
import type { TLSSocket } from 'node:tls';

/** Serves one HTTP/2 request. */
export type Http2Handler = (stream: ServerHttp2Stream, rawHeaders: readonly string[], ended: boolean) => void;

/** The HTTP/2 connections of a server. */
export interface Http2Sessions {
  /** Accepts no more requests, and closes each connection after its last response. */
  close(): void;
  destroy(): void;
}

const IDLE_MS = 75_000;
const MAX_HEADER_LIST_BYTES = 65_536;

/**
 * Lets a TLS server speak HTTP/2 to the clients that choose it (RFC 9113 §3.2). HTTP/1.1 clients stay with the given
 * server, its timeouts and its parser; Node.js's own server for both protocols (`allowHTTP1`) has neither.
 */
export function acceptHttp2(server: Server, handle: Http2Handler): Http2Sessions {
  const http2 = createServer({
    maxSessionMemory: 10,
    settings: { maxConcurrentStreams: 100, maxHeaderListSize: MAX_HEADER_LIST_BYTES, enablePush: false },
  });
  const sessions = new Set<ServerHttp2Session>();
  http2.on('session', (session) => {
    sessions.add(session);
    session.on('error', () => {});
    session.once('close', () => sessions.delete(session));
    let open = 0;
    session.on('stream', (stream, _headers, flags, ...rest) => {
      open += 1;
      stream.once('close', () => {
        open -= 1;
      });
      // Missing in the types of Node.js: the raw header section, which is the one to be judged.
      const [rawHeaders] = rest as unknown as [readonly string[]];
      handle(stream, rawHeaders, (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0);
    });
    session.setTimeout(IDLE_MS, () => {
      if (open === 0) session.close();
    });
  });

  const asHttp1 = server.listeners('secureConnection');
  server.removeAllListeners('secureConnection');
  server.on('secureConnection', (socket: TLSSocket) => {
    if (socket.alpnProtocol === 'h2') http2.emit('connection', socket);
    else for (const listener of asHttp1) listener.call(server, socket);
  });
  return {
    close() {
      for (const session of sessions) session.close();
    },
    destroy() {
      for (const session of sessions) session.destroy();
    },
  };
}
