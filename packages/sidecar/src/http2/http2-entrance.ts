import type { Server } from 'node:https';
import type { TLSSocket } from 'node:tls';
import type { Http2Sessions } from './http2-sessions.ts';

/**
 * Lets a TLS server speak HTTP/2 to the clients that choose it (RFC 9113 §3.2). HTTP/1.1 clients stay with the server, its
 * timeouts and its parser; Node.js's own server for both protocols (`allowHTTP1`) has neither.
 */
export function acceptHttp2(server: Server, sessions: Http2Sessions): void {
  const listeners = server.listeners('secureConnection');
  server.removeAllListeners('secureConnection');
  server.on('secureConnection', (socket: TLSSocket) => {
    if (socket.alpnProtocol === 'h2') sessions.serve(socket);
    else for (const listener of listeners) listener.call(server, socket);
  });
}
