import {
  type ClientHttp2Stream,
  type ClientSessionRequestOptions,
  connect,
  constants,
  type OutgoingHttpHeaders,
} from 'node:http2';
import type { Socket } from 'node:net';
import { MAX_HEADER_LIST_BYTES, MAX_HEADER_LIST_PAIRS } from '../http2/http2-sessions.ts';
import { timeoutError } from './upstream-handler.ts';

/** One HTTP/2 connection to the API, whose SETTINGS have arrived. */
export interface UpstreamSession {
  /** Whether it takes another stream: it is alive as far as is known, and below both limits on streams. */
  hasRoom(): boolean;
  /** Whether it will have room. */
  isUsable(): boolean;
  /** Opens a stream, whose header section is on its way when this returns. */
  request(fields: OutgoingHttpHeaders, options: ClientSessionRequestOptions): ClientHttp2Stream;
  /** Whether the API has certainly not processed a stream: it refused it, or left it out of its GOAWAY (RFC 9113 §8.7). */
  hasRefused(stream: ClientHttp2Stream): boolean;
  /** Whether the connection has ended. */
  isLost(): boolean;
  /** Whether the API has responded on it before. */
  hasServed(): boolean;
  /** The API responded in time on no stream: it may be gone. */
  suspect(sinceMs: number): void;
  /** Notes that something arrived. */
  heard(): void;
  /** Looks after the connection. @param nowMs from `performance.now()`. */
  check(nowMs: number): void;
  destroy(): void;
}

export interface UpstreamSessionEvents {
  /** The API has sent its SETTINGS: the session can be used. */
  onReady(session: UpstreamSession): void;
  /** A stream has ended, or the API allows more. */
  onRoom(): void;
  /** The connection has ended. @param error why it could never be used; absent after `onReady`. */
  onClose(session: UpstreamSession, error?: Error): void;
}

/** Above this, another connection is opened. A server's own limit is seldom lower. */
export const STREAMS_PER_SESSION = 100;
/** Idle longer than most servers keep one. */
const IDLE_MS = 60_000;
/**
 * Then it gets no more streams. A server takes many resets for an attack (CVE-2023-44487; nghttp2 allows 1,000 and 33 a
 * second), and would break off the streams of other clients, too.
 */
const MAX_RESETS = 500;
const SETTINGS_TIMEOUT_MS = 10_000;
/** How long nothing may arrive, while a response is awaited, before a PING asks whether the API is there. */
const PING_AFTER_MS = 10_000;
const PING_TIMEOUT_MS = 10_000;
/** gRPC servers end a connection on which a client asks more often while nothing is sent. */
const PING_INTERVAL_MS = 300_000;
/** In MB: what the streams' windows and the client's pace allow. */
const MAX_SESSION_MEMORY = 128;

/** What an API that speaks HTTP/1.1 makes of HTTP/2. */
export const NOT_HTTP2 = 'ERR_UPSTREAM_NOT_HTTP2';

/** Starts HTTP/2 on a connection, with prior knowledge or after ALPN. */
export function openUpstreamSession(socket: Socket, events: UpstreamSessionEvents): UpstreamSession {
  const http2 = connect('http://localhost', {
    createConnection: () => socket,
    maxSessionMemory: MAX_SESSION_MEMORY,
    maxHeaderListPairs: MAX_HEADER_LIST_PAIRS,
    maxSendHeaderBlockLength: 2 * MAX_HEADER_LIST_BYTES,
    settings: { enablePush: false, maxHeaderListSize: MAX_HEADER_LIST_BYTES },
  });
  let isReady = false;
  let isClosed = false;
  let isSuspect = false;
  let hasServed = false;
  let open = 0;
  let resets = 0;
  let limit = STREAMS_PER_SESSION;
  let lastStreamId = Number.POSITIVE_INFINITY;
  let failure: Error | undefined;
  let quietSinceMs = performance.now();
  let pingedAtMs = 0;
  let isPinging = false;
  /** Something but a PING's acknowledgement has arrived since the last PING. */
  let mayPing = true;
  const settingsTimeout = setTimeout(() => {
    failure = timeoutError('the API sent no HTTP/2 SETTINGS in time');
    http2.destroy();
  }, SETTINGS_TIMEOUT_MS).unref();

  http2.on('error', (error) => {
    failure ??= error;
  });
  http2.on('remoteSettings', ({ maxConcurrentStreams }) => {
    limit = Math.min(maxConcurrentStreams ?? STREAMS_PER_SESSION, STREAMS_PER_SESSION);
    if (isReady) return events.onRoom();
    isReady = true;
    clearTimeout(settingsTimeout);
    return events.onReady(session);
  });
  http2.on('goaway', (_code, last) => {
    lastStreamId = Math.min(lastStreamId, last);
  });
  http2.once('close', () => {
    clearTimeout(settingsTimeout);
    isClosed = true;
    events.onClose(session, isReady ? undefined : reasonFor(failure, socket));
  });

  const note = () => {
    quietSinceMs = performance.now();
    if (!isSuspect) return;
    isSuspect = false;
    events.onRoom();
  };
  const ping = (nowMs: number) => {
    pingedAtMs = nowMs;
    mayPing = false;
    isPinging = http2.ping((error) => {
      isPinging = false;
      if (error === null) note();
    });
  };

  const isUsable = () => isReady && !isSuspect && resets < MAX_RESETS && !http2.closed && !http2.destroyed;

  const session: UpstreamSession = {
    isUsable,
    hasRoom: () => open < limit && isUsable(),

    request(fields, options) {
      const stream = http2.request(fields, options);
      if (open === 0) quietSinceMs = performance.now();
      open += 1;
      const release = () => {
        open -= 1;
        if (open === 0) quietSinceMs = performance.now();
        // Not before: a request might leave behind the GOAWAY, which crashes an API of Node.js 20.
        if (open === 0 && resets >= MAX_RESETS) http2.close();
        events.onRoom();
      };
      stream.once('close', () => {
        if (stream.rstCode === constants.NGHTTP2_NO_ERROR) return release();
        resets += 1;
        // The API counts the stream until it gets our reset, which may not have left yet.
        setImmediate(release);
      });
      return stream;
    },

    hasRefused: ({ id = 0, rstCode }) => rstCode === constants.NGHTTP2_REFUSED_STREAM || id > lastStreamId,
    isLost: () => http2.destroyed || socket.destroyed,
    hasServed: () => hasServed,

    suspect(sinceMs) {
      if (quietSinceMs <= sinceMs) isSuspect = true;
    },

    heard() {
      hasServed = true;
      mayPing = true;
      note();
    },

    check(nowMs) {
      if (!isReady || isClosed) return;
      const quietMs = nowMs - quietSinceMs;
      const pingMs = nowMs - pingedAtMs;
      if (open === 0) {
        if (isSuspect) http2.destroy();
        else if (quietMs > IDLE_MS) http2.close();
      } else if (isPinging) {
        if (pingMs > PING_TIMEOUT_MS) isSuspect = true;
      } else if (quietMs > PING_AFTER_MS && (mayPing || pingMs > PING_INTERVAL_MS) && !http2.closed) ping(nowMs);
    },

    destroy: () => http2.destroy(),
  };
  return session;
}

function reasonFor(error: Error | undefined, socket: Socket): Error {
  // What it sent were no SETTINGS.
  if (socket.bytesRead > 0) return notHttp2(error);
  return error ?? Object.assign(new Error('the API closed the connection'), { code: 'ECONNRESET' });
}

export function notHttp2(cause?: Error): Error {
  return Object.assign(new Error('the API does not speak HTTP/2', { cause }), { code: NOT_HTTP2 });
}
