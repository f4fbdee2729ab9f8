import { constants, createServer, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import { endUpload, isStranded, resetStream } from './http2-response.ts';

/** Serves one HTTP/2 request. */
export type Http2Handler = (stream: ServerHttp2Stream, rawHeaders: readonly string[], ended: boolean) => void;

export interface Http2Limits {
  /** How long a client may take to begin (its SETTINGS), and for a whole header section. */
  readonly headerTimeoutMs: number;
  /** How long a connection without a request is kept open. */
  readonly idleTimeoutMs: number;
}

/** The HTTP/2 connections of a server. */
export interface Http2Sessions {
  /** Takes over a connection whose client speaks HTTP/2: it chose it by ALPN, or began with its preface. */
  serve(socket: Socket): void;
  /** Accepts no more requests, and closes each connection after its last response. */
  close(): void;
  destroy(): void;
}

/** As many bytes as a header section over HTTP/1.1 may have. */
export const MAX_HEADER_LIST_BYTES = 65_536;
/** No limit besides the size: each field counts for 32 bytes more than it has (RFC 9113 §6.5.2). */
export const MAX_HEADER_LIST_PAIRS = MAX_HEADER_LIST_BYTES / 32;
const MAX_CONCURRENT_STREAMS = 100;
/** In MB, of one connection. */
const MAX_SESSION_MEMORY = 10;
/**
 * Then a connection is asked to close, before nghttp2 breaks it off at 1,000: a proxy carries the streams of many
 * clients, which may leave whenever they like.
 */
const MAX_RESETS = 500;
const TCP_KEEP_ALIVE_MS = 60_000;
const MAX_CHECK_INTERVAL_MS = 5_000;

interface OpenSession {
  readonly session: ServerHttp2Session;
  /** Closes the connection, without waiting for anything but its bytes. */
  readonly end: () => void;
  readonly sinceMs: number;
  /** The client's SETTINGS have arrived. */
  hasBegun: boolean;
  readonly open: Set<ServerHttp2Stream>;
  /** How many streams the client has reset. */
  resets: number;
  /** The highest stream whose header section is complete. */
  lastStreamId: number;
  /** When the last stream closed; at first, when the connection was taken over. */
  idleSinceMs: number;
  /** The stream whose header section is unfinished, and when that was first seen. */
  unfinished: { readonly id: number; readonly sinceMs: number } | undefined;
  /** When the client was asked to close the connection. */
  closedAtMs: number | undefined;
}

/**
 * Serves HTTP/2 connections. Node.js and nghttp2 limit what a header section and its frames may hold, and close a
 * connection on floods: more than 8 CONTINUATION frames, more than 1,000 resets and 33 a second, invalid, empty, PING
 * and SETTINGS frames. What they leave open is limited here: a connection that begins nothing, finishes no header
 * section or is idle, whatever else it sends; one that nghttp2 has given up, which Node.js keeps open; and streams that
 * a client resets with NO_ERROR, which Node.js keeps, and with them a connection that it no longer reads.
 */
export function createHttp2Sessions(handle: Http2Handler, limits: Http2Limits): Http2Sessions {
  const server = createServer({
    maxSessionMemory: MAX_SESSION_MEMORY,
    maxHeaderListPairs: MAX_HEADER_LIST_PAIRS,
    maxSendHeaderBlockLength: 2 * MAX_HEADER_LIST_BYTES,
    settings: {
      maxConcurrentStreams: MAX_CONCURRENT_STREAMS,
      maxHeaderListSize: MAX_HEADER_LIST_BYTES,
      enablePush: false,
    },
  });
  const sessions = new Set<OpenSession>();
  let checking: NodeJS.Timeout | undefined;
  const check = () => {
    const nowMs = performance.now();
    for (const session of sessions) checkSession(session, limits, nowMs);
  };
  const intervalMs = Math.min(MAX_CHECK_INTERVAL_MS, limits.headerTimeoutMs / 2, limits.idleTimeoutMs / 2);

  server.on('session', (session) => {
    const state = openSession(session);
    sessions.add(state);
    checking ??= setInterval(check, intervalMs).unref();
    session.on('error', () => {});
    session.once('remoteSettings', () => {
      state.hasBegun = true;
    });
    session.once('close', () => {
      sessions.delete(state);
      if (sessions.size > 0) return;
      clearInterval(checking);
      checking = undefined;
    });
    // Node.js calls it, too, when the client sends GOAWAY.
    session.close = () => beginClose(state);
    session.on('stream', (stream, _headers, flags, ...rest) => {
      state.open.add(stream);
      state.lastStreamId = stream.id ?? state.lastStreamId;
      stream.once('close', () => {
        state.open.delete(stream);
        state.idleSinceMs = performance.now();
        if (stream.rstCode !== constants.NGHTTP2_NO_ERROR) state.resets += 1;
        if (state.resets === MAX_RESETS) beginClose(state);
        if (state.closedAtMs !== undefined) endSoon(state);
      });
      // Our GOAWAY leaves it out.
      if (state.closedAtMs !== undefined) return refuseStream(stream);
      // Missing in the types of Node.js: the raw header section, which is the one to be judged.
      const [rawHeaders] = rest as unknown as [readonly string[]];
      if (headerListBytes(rawHeaders) > MAX_HEADER_LIST_BYTES) return refuseHeaders(stream);
      return handle(stream, rawHeaders, (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0);
    });
  });

  return {
    serve(socket) {
      // A client that vanished with an open stream sends nothing, as does one that listens.
      socket.setKeepAlive(true, TCP_KEEP_ALIVE_MS);
      // Those of an HTTP/1.1 server may be half open: node:http2 would not hear of their end.
      socket.allowHalfOpen = false;
      server.emit('connection', socket);
    },
    close() {
      for (const state of sessions) beginClose(state);
    },
    destroy() {
      for (const { session } of sessions) session.destroy();
    },
  };
}

/** RFC 9113 §6.5.2. */
function headerListBytes(rawHeaders: readonly string[]): number {
  let bytes = (rawHeaders.length / 2) * 32;
  for (const text of rawHeaders) bytes += text.length;
  return bytes;
}

function refuseStream(stream: ServerHttp2Stream): void {
  stream.on('error', () => {});
  resetStream(stream, constants.NGHTTP2_REFUSED_STREAM);
}

/** Node.js keeps to the limit only if the client has acknowledged it. */
function refuseHeaders(stream: ServerHttp2Stream): void {
  stream.on('error', () => {});
  stream.respond({ ':status': 431 }, { endStream: true });
  endUpload(stream);
}

function openSession(session: ServerHttp2Session): OpenSession {
  const nowMs = performance.now();
  return {
    session,
    end: session.close.bind(session),
    sinceMs: nowMs,
    hasBegun: false,
    open: new Set(),
    resets: 0,
    lastStreamId: 0,
    idleSinceMs: nowMs,
    unfinished: undefined,
    closedAtMs: undefined,
  };
}

/** A connection with a stream is not idle, and the limits of that stream apply. */
function checkSession(state: OpenSession, { headerTimeoutMs, idleTimeoutMs }: Http2Limits, nowMs: number): void {
  const { session } = state;
  if (session.destroyed) return;
  if (!state.hasBegun && nowMs - state.sinceMs >= headerTimeoutMs) return void session.destroy();
  destroyStranded(state);
  if (state.open.size > 0) return;
  if (state.closedAtMs !== undefined) {
    // Its client reads nothing, or has not noticed.
    if (nowMs - state.closedAtMs >= headerTimeoutMs) session.destroy();
    return;
  }
  const begun = session.state.lastProcStreamID ?? 0;
  if (begun <= state.lastStreamId) state.unfinished = undefined;
  else if (state.unfinished?.id !== begun) state.unfinished = { id: begun, sinceMs: nowMs };
  else if (nowMs - state.unfinished.sinceMs >= headerTimeoutMs) return void session.destroy();
  if (nowMs - state.idleSinceMs < idleTimeoutMs) return;
  beginClose(state);
}

function destroyStranded({ open }: OpenSession): void {
  for (const stream of open) if (isStranded(stream)) stream.destroy();
}

/**
 * Accepts no more streams, and closes the connection after the last one. Not by `close` of Node.js: on a closed session
 * Node.js 20 refuses each new stream within the event that announces it, and nghttp2 goes on reading the stream that was
 * freed with it. Clients could crash the process.
 */
function beginClose(state: OpenSession): void {
  if (state.closedAtMs !== undefined || state.session.destroyed) return;
  state.closedAtMs = performance.now();
  state.session.goaway();
  endSoon(state);
}

/** By then nghttp2 has written the GOAWAY, and ignores new streams. */
function endSoon(state: OpenSession): void {
  setImmediate(() => {
    if (state.open.size === 0 && !state.session.destroyed) state.end();
  });
}
