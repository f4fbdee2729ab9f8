import type { Socket } from 'node:net';
import { IDLE_TIMEOUT_MS } from '../http/limits.ts';
import { type PlainRequest, readPlainRequest } from './simple-request.ts';

/** Answers one plain request, now or later. */
export type FastHandler = (request: PlainRequest, turn: Turn) => void;

/** The connection of a client, from one of its requests to the end of the answer, behind which it is of no use. */
export interface Turn {
  readonly socket: Socket;
  /** The request is a `HEAD`: no body in its answer. */
  isHead(): boolean;
  /** The client has left. */
  isGone(): boolean;
  /** To be told when it leaves before `end`. */
  onGone(tell: () => void): void;
  /** To be told when the client takes more again. */
  onDrain(tell: () => void): void;
  /** Whether this answer is to be the last on its connection; from then on it is. */
  isLast(): boolean;
  /** @returns whether more can be taken. */
  write(bytes: string | Buffer): boolean;
  /** The answer is complete. */
  end(): void;
  /** The answer can't be completed. */
  cut(): void;
  /** Leaves the connection to the HTTP server, which reads the same request again. */
  handOver(): void;
}

/** A connection that is served here for as long as everything on it is plain. */
export interface FastConnection {
  /** @param nowMs of `performance`. */
  check(nowMs: number): void;
  closeIfIdle(): void;
  destroy(): void;
}

export interface FastConnectionParts {
  readonly handle: FastHandler;
  /** Serves the connection from now on. */
  readonly handOver: (socket: Socket) => void;
  /** The sidecar is going out of service. */
  readonly closing: () => boolean;
  readonly headerTimeoutMs: number;
  readonly stallTimeoutMs: number;
  /** Called when the connection is no longer one of these. */
  readonly onLeave: (connection: FastConnection) => void;
}

/** A header section in more pieces is not worth waiting for here. */
const MAX_PIECES = 4;
const FIRST_REQUEST_MS = 1_000;
const TOO_SLOW = 'HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n';

export function openFastConnection(socket: Socket, parts: FastConnectionParts): FastConnection {
  const { handle, closing, stallTimeoutMs } = parts;
  /** The request that is being answered. */
  let current: Buffer | undefined;
  /** What has arrived besides. */
  let held: Buffer | undefined;
  let pieces = 0;
  let isServed = false;
  let isHead = false;
  let isLast = false;
  /** The last answer is complete. */
  let isEnding = false;
  let isLeft = false;
  /** Since when the connection is idle, or a header section is not complete. */
  let sinceMs = performance.now();
  let tellGone: (() => void) | undefined;
  let tellDrain: (() => void) | undefined;

  const leave = () => {
    if (isLeft) return;
    isLeft = true;
    parts.onLeave(connection);
    tellGone?.();
  };
  const handOver = (bytes: Buffer) => {
    isLeft = true;
    parts.onLeave(connection);
    socket.off('data', onData).off('end', onEnd).off('close', leave).off('drain', onDrain).off('timeout', onStall);
    socket.setTimeout(0);
    socket.pause();
    socket.unshift(bytes);
    parts.handOver(socket);
    socket.off('error', onError);
    socket.resume();
  };
  const onData = (chunk: Buffer) => {
    const bytes = held === undefined ? chunk : Buffer.concat([held, chunk]);
    if (current !== undefined) {
      // Pipelined: its turn comes.
      held = bytes;
      socket.pause();
      return;
    }
    if (isEnding) return;
    const request = readPlainRequest(bytes);
    if (request === 'more' && pieces < MAX_PIECES) {
      if (pieces === 0) sinceMs = performance.now();
      pieces += 1;
      held = bytes;
    } else if (request === 'more' || request === undefined) handOver(bytes);
    else {
      pieces = 0;
      held = undefined;
      current = bytes;
      isHead = request.method === 'HEAD';
      isLast = request.isLast;
      handle(request, turn);
    }
  };
  const onEnd = () => {
    // As everywhere in Node.js: who sends no more wants no more.
    if (current === undefined) socket.end();
    else socket.destroy();
  };
  const onDrain = () => {
    socket.setTimeout(0);
    tellDrain?.();
  };
  const onStall = () => {
    if (socket.writableLength > 0) socket.destroy();
    else socket.setTimeout(0);
  };
  const onError = () => {};

  const turn: Turn = {
    socket,
    isHead: () => isHead,
    isGone: () => isLeft,
    onGone(tell) {
      tellGone = tell;
    },
    onDrain(tell) {
      tellDrain = tell;
    },
    isLast() {
      isLast ||= closing();
      return isLast;
    },
    write(bytes) {
      const isTaken = typeof bytes === 'string' ? socket.write(bytes, 'latin1') : socket.write(bytes);
      // What is longer than Node.js likes to hold may have left all the same.
      if (isTaken || socket.writableLength === 0) return true;
      socket.setTimeout(stallTimeoutMs);
      return false;
    },
    end() {
      if (isLeft) return;
      current = undefined;
      tellGone = undefined;
      tellDrain = undefined;
      isServed = true;
      sinceMs = performance.now();
      if (socket.writableLength > 0) socket.setTimeout(stallTimeoutMs);
      if (isLast) {
        isEnding = true;
        held = undefined;
        // To be read and forgotten: closing a connection with unread data would reset it, answer and all.
        socket.resume();
        return void socket.destroySoon();
      }
      if (held === undefined) return;
      const next = held;
      held = undefined;
      socket.resume();
      onData(next);
    },
    cut: () => void socket.destroy(),
    handOver() {
      if (current === undefined || isLeft) return;
      handOver(held === undefined ? current : Buffer.concat([current, held]));
    },
  };

  const connection: FastConnection = {
    check(nowMs) {
      if (current !== undefined || isEnding) return;
      // An answer that is still leaving is bounded by its own timer.
      if (socket.writableLength > 0) sinceMs = nowMs;
      const idleMs = nowMs - sinceMs;
      if (held === undefined) {
        if (idleMs > (isServed ? IDLE_TIMEOUT_MS : parts.headerTimeoutMs)) socket.destroy();
      } else if (idleMs > parts.headerTimeoutMs) {
        isEnding = true;
        socket.write(TOO_SLOW);
        socket.destroySoon();
      }
    },
    closeIfIdle() {
      if (current !== undefined || held !== undefined || socket.writableLength > 0) return;
      // Who has just connected is about to ask.
      if (isServed || performance.now() - sinceMs > FIRST_REQUEST_MS) socket.destroy();
    },
    destroy: () => void socket.destroy(),
  };
  socket.on('data', onData).on('end', onEnd).on('close', leave).on('drain', onDrain).on('timeout', onStall);
  socket.on('error', onError);
  return connection;
}
