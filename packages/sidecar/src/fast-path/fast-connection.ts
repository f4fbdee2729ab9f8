import type { Socket } from 'node:net';
import { IDLE_TIMEOUT_MS } from '../http/limits.ts';
import type { ClientResponse, FastPathHandler } from './client-response.ts';
import { CLIENT_TRANSITIONS, CLOSED, CLOSING, type ClientState, HANDED_OVER } from './client-state.ts';
import { readSimpleRequest } from './simple-request.ts';

/** A client's connection, served here as long as every request on it is simple. */
export interface FastConnection {
  /** Enforces the timeouts. @param nowMs from `performance.now()`. */
  check(nowMs: number): void;
  closeIfIdle(): void;
  destroy(): void;
}

export interface FastConnectionParts {
  readonly handle: FastPathHandler;
  /** Serves the connection from now on. */
  readonly handOver: (socket: Socket) => void;
  /** Whether the sidecar is going out of service. */
  readonly closing: () => boolean;
  readonly headerTimeoutMs: number;
  readonly stallTimeoutMs: number;
  /** Called when the connection is closed or handed over. */
  readonly onLeave: (connection: FastConnection) => void;
}

/** A header section in more pieces than this goes to the HTTP server. */
const MAX_PIECES = 4;
/** How long a new connection may take to send its first request when idle ones are closed. */
const FIRST_REQUEST_MS = 1_000;
const REQUEST_TIMEOUT = 'HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n';

export function openFastConnection(socket: Socket, parts: FastConnectionParts): FastConnection {
  const { handle, closing, headerTimeoutMs, stallTimeoutMs } = parts;
  let state: ClientState = { name: 'new', sinceMs: performance.now() };
  const become = (next: ClientState) => {
    if (!CLIENT_TRANSITIONS[state.name].includes(next.name)) {
      throw new Error(`a fast-path connection cannot go from ${state.name} to ${next.name}`);
    }
    state = next;
  };

  const handOver = (bytes: Buffer) => {
    become(HANDED_OVER);
    parts.onLeave(connection);
    socket.off('data', onData).off('end', onEnd).off('close', onClose).off('drain', onDrain).off('timeout', onTimeout);
    socket.setTimeout(0);
    socket.pause();
    socket.unshift(bytes);
    parts.handOver(socket);
    socket.off('error', onError);
    socket.resume();
  };
  const read = (bytes: Buffer, pieces: number) => {
    const request = readSimpleRequest(bytes);
    if (request === undefined || (request === 'more' && pieces > MAX_PIECES)) return handOver(bytes);
    if (request !== 'more') {
      become({
        name: 'responding',
        request: bytes,
        isHead: request.method === 'HEAD',
        isLast: request.isLast,
        pipelined: undefined,
        onGone: undefined,
        onDrain: undefined,
      });
      return handle(request, response);
    }
    if (state.name !== 'reading-head') become({ name: 'reading-head', bytes, pieces, sinceMs: performance.now() });
    else {
      state.bytes = bytes;
      state.pieces = pieces;
    }
  };
  const onData = (chunk: Buffer) => {
    if (state.name === 'new' || state.name === 'idle') read(chunk, 1);
    else if (state.name === 'reading-head') read(Buffer.concat([state.bytes, chunk]), state.pieces + 1);
    else if (state.name === 'responding') {
      state.pipelined = state.pipelined === undefined ? chunk : Buffer.concat([state.pipelined, chunk]);
      socket.pause();
    }
  };
  const onEnd = () => {
    // As in node:http, a client that stops sending is taken to have left.
    if (state.name === 'responding') socket.destroy();
    else socket.end();
  };
  const onClose = () => {
    const onGone = state.name === 'responding' ? state.onGone : undefined;
    become(CLOSED);
    parts.onLeave(connection);
    onGone?.();
  };
  const onDrain = () => {
    socket.setTimeout(0);
    if (state.name === 'responding') state.onDrain?.();
  };
  const onTimeout = () => {
    if (socket.writableLength > 0) socket.destroy();
    else socket.setTimeout(0);
  };
  const onError = () => {};

  const response: ClientResponse = {
    socket,
    isHead: () => state.name === 'responding' && state.isHead,
    isGone: () => state.name === 'closed' || state.name === 'handed-over',
    onGone(listener) {
      if (state.name === 'responding') state.onGone = listener;
    },
    onDrain(listener) {
      if (state.name === 'responding') state.onDrain = listener;
    },
    isLast() {
      if (state.name !== 'responding') return true;
      state.isLast ||= closing();
      return state.isLast;
    },
    write(bytes) {
      const isBelowMark = typeof bytes === 'string' ? socket.write(bytes, 'latin1') : socket.write(bytes);
      // A write above the high-water mark may have left all the same.
      if (isBelowMark || socket.writableLength === 0) return true;
      socket.setTimeout(stallTimeoutMs);
      return false;
    },
    end() {
      if (state.name !== 'responding') return;
      const { isLast, pipelined } = state;
      if (socket.writableLength > 0) socket.setTimeout(stallTimeoutMs);
      if (isLast) {
        become(CLOSING);
        // Closing a connection with unread input would reset it, and the response with it.
        socket.resume();
        return void socket.destroySoon();
      }
      become({ name: 'idle', sinceMs: performance.now() });
      if (pipelined === undefined) return;
      socket.resume();
      onData(pipelined);
    },
    destroy: () => void socket.destroy(),
    handOver() {
      if (state.name !== 'responding') return;
      const { request, pipelined } = state;
      handOver(pipelined === undefined ? request : Buffer.concat([request, pipelined]));
    },
  };

  const connection: FastConnection = {
    check(nowMs) {
      if (state.name !== 'new' && state.name !== 'idle' && state.name !== 'reading-head') return;
      // A response that is still being sent has a timeout of its own.
      if (socket.writableLength > 0) state.sinceMs = nowMs;
      const waitedMs = nowMs - state.sinceMs;
      if (state.name === 'reading-head') {
        if (waitedMs <= headerTimeoutMs) return;
        become(CLOSING);
        socket.write(REQUEST_TIMEOUT);
        socket.destroySoon();
      } else if (waitedMs > (state.name === 'idle' ? IDLE_TIMEOUT_MS : headerTimeoutMs)) socket.destroy();
    },
    closeIfIdle() {
      if (socket.writableLength > 0) return;
      const isIdle = state.name === 'idle';
      // A client that has just connected is about to send a request.
      const isUnused = state.name === 'new' && performance.now() - state.sinceMs > FIRST_REQUEST_MS;
      if (isIdle || isUnused) socket.destroy();
    },
    destroy: () => void socket.destroy(),
  };
  socket.on('data', onData).on('end', onEnd).on('close', onClose).on('drain', onDrain).on('timeout', onTimeout);
  socket.on('error', onError);
  return connection;
}
