import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { createHttp2Sessions, type Http2Handler, type Http2Limits, type Http2Sessions } from './http2-sessions.ts';

/** What an HTTP/2 client sends first, whatever it does next (RFC 9113 §3.4). */
const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');

/**
 * Whether a connection speaks HTTP/2 with prior knowledge (RFC 9113 §3.3): HTTP/1.1 has no method `PRI`.
 * @param bytes the first ones of the connection. `undefined`: too few to know.
 */
export function isHttp2Preface(bytes: Buffer): boolean | undefined {
  const length = Math.min(bytes.length, PREFACE.length);
  if (bytes.compare(PREFACE, 0, length, 0, length) !== 0) return false;
  return bytes.length === length && length < PREFACE.length ? undefined : true;
}

/**
 * Lets a server speak HTTP/2 to the clients that choose it: over TLS by ALPN (RFC 9113 §3.2), in clear text with prior
 * knowledge (§3.3). HTTP/1.1 clients stay with the server, its timeouts and its parser; Node.js's own server for both
 * protocols (`allowHTTP1`) has neither.
 */
export function acceptHttp2(
  server: Server,
  event: 'connection' | 'secureConnection',
  handle: Http2Handler,
  limits: Http2Limits,
): Pick<Http2Sessions, 'close' | 'destroy'> {
  const sessions = createHttp2Sessions(handle, limits);
  const listeners = server.listeners(event);
  const serveHttp1 = (socket: Socket) => {
    for (const listener of listeners) listener.call(server, socket);
  };
  /** Those that have sent too little to know what they speak. */
  const unknown = new Set<Socket>();
  const destroyUnknown = () => {
    for (const socket of unknown) socket.destroy();
  };
  server.removeAllListeners(event);
  server.on(event, (socket: Socket) => {
    if (event === 'secureConnection') {
      if ((socket as TLSSocket).alpnProtocol === 'h2') sessions.serve(socket);
      else serveHttp1(socket);
      return;
    }
    unknown.add(socket);
    readFirstBytes(socket, limits.headerTimeoutMs, (isHttp2) => {
      unknown.delete(socket);
      if (isHttp2 === undefined) return;
      if (isHttp2) sessions.serve(socket);
      else serveHttp1(socket);
      if (!isHttp2) socket.resume();
    });
  });
  return {
    close() {
      destroyUnknown();
      sessions.close();
    },
    destroy: sessions.destroy,
  };
}

/** @param done gets `undefined` when the connection has ended before. */
function readFirstBytes(socket: Socket, timeoutMs: number, done: (isHttp2: boolean | undefined) => void): void {
  let bytes = Buffer.alloc(0);
  const finish = (isHttp2: boolean | undefined) => {
    clearTimeout(timeout);
    socket.pause().off('data', onData).off('close', onClose).off('end', onEnd).off('error', onError);
    if (isHttp2 !== undefined) socket.unshift(bytes);
    done(isHttp2);
  };
  const onData = (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk]);
    const isHttp2 = isHttp2Preface(bytes);
    if (isHttp2 !== undefined) finish(isHttp2);
  };
  const onClose = () => finish(undefined);
  const onEnd = () => void socket.destroy();
  const onError = () => {};
  const timeout = setTimeout(() => socket.destroy(), timeoutMs).unref();
  socket.on('data', onData).once('close', onClose).once('end', onEnd).on('error', onError).resume();
}
