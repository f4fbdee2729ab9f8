import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { NOT_HTTP1 } from '../http/problem.ts';
import { isConnectionLoss } from '../http/retry.ts';
import { type BodyPart, chunkedBody, fixedLengthBody } from './response-body.ts';
import { mayBecomeSimple, readSimpleResponse } from './simple-response.ts';
import type { ExchangeControl, UpstreamExchange, UpstreamRequest } from './upstream-exchange.ts';
import {
  type AwaitingResponse,
  CLOSED,
  NEW,
  type ReadingBody,
  UPSTREAM_TRANSITIONS,
  type UpstreamState,
} from './upstream-state.ts';

/** A connection to the API, for one request at a time. */
export interface UpstreamConnection extends ExchangeControl {
  /** Reads what comes from the API. @returns whether more is accepted. */
  receive(bytes: Buffer): boolean;
  send(request: UpstreamRequest, exchange: UpstreamExchange): void;
  /** Whether it can be reused. */
  isFresh(nowMs: number): boolean;
  /** Enforces the timeouts. @param nowMs from `performance.now()`. */
  check(nowMs: number): void;
}

interface UpstreamConnectionParts {
  /** How long the API may take to begin its response. */
  readonly responseTimeoutMs: number;
  /** Called when the connection can be reused. */
  readonly onIdle: (connection: UpstreamConnection) => void;
  /** Called when the connection is closed or handed over. */
  readonly onLeave: (connection: UpstreamConnection) => void;
}

/** The type of a frame, its flags and its stream: what HTTP/2 begins with is a SETTINGS frame (RFC 9113 §3.4). */
const SETTINGS = Buffer.from([4, 0, 0, 0, 0, 0]);
const HEAD_END = '\r\n\r\n';

export function openUpstreamConnection(
  socket: Socket,
  { responseTimeoutMs, onIdle, onLeave }: UpstreamConnectionParts,
): UpstreamConnection {
  let state: UpstreamState = NEW;
  /** Over TLS, bytes that have arrived already still come. */
  let isPaused = false;
  const become = (next: UpstreamState) => {
    if (!UPSTREAM_TRANSITIONS[state.name].includes(next.name)) {
      throw new Error(`a connection to the API cannot go from ${state.name} to ${next.name}`);
    }
    state = next;
  };

  const resume = () => {
    isPaused = false;
    socket.resume();
  };
  const close = () => {
    if (state.name === 'closed') return;
    become(CLOSED);
    onLeave(connection);
    socket.destroy();
  };
  const fail = (error: Error, mayBeUnread = false) => {
    const failed = 'exchange' in state ? state.exchange : undefined;
    close();
    failed?.onError(error, mayBeUnread);
  };
  const complete = ({ exchange, reusableMs }: ReadingBody) => {
    if (reusableMs === 0) close();
    else {
      become({ name: 'idle', sinceMs: performance.now(), reusableMs });
      if (isPaused) resume();
      onIdle(connection);
    }
    exchange.onComplete();
  };
  const passed = (current: ReadingBody, acceptsMore: boolean, { trailers, isMore }: BodyPart) => {
    // Bytes after the end of the response belong to no request.
    if (isMore) current.reusableMs = 0;
    const isAborted = state !== current;
    if (isAborted || trailers === undefined) return acceptsMore;
    complete(current);
    // The next response is for another client.
    return true;
  };
  const handOver = ({ exchange }: AwaitingResponse, bytes: Buffer) => {
    const rest = new Duplex({
      read: () => void socket.resume(),
      // The request has been sent already.
      write: (_chunk, _encoding, done) => done(),
      destroy(error, done) {
        socket.destroy();
        done(error);
      },
    });
    become({ name: 'handed-over', rest });
    onLeave(connection);
    // The next reader sees the failure.
    rest.on('error', () => {});
    socket.off('end', onEnd).off('close', onEnd).off('error', onError);
    socket.on('end', () => rest.push(null)).on('error', (error) => rest.destroy(error));
    socket.on('close', () => {
      if (!socket.readableEnded) rest.destroy(closedByApi());
    });
    const acceptsMore = rest.push(Buffer.from(bytes));
    exchange.onUnsupported(rest);
    return acceptsMore;
  };
  const readHead = (piece: Buffer, current: AwaitingResponse) => {
    const { exchange, method, head } = current;
    const bytes = head === undefined ? piece : Buffer.concat([head, piece]);
    const end = bytes.indexOf(HEAD_END) + HEAD_END.length;
    if (end < HEAD_END.length && mayBecomeSimple(bytes.toString('latin1'))) {
      current.head = Buffer.from(bytes);
      return true;
    }
    if (isHttp2Settings(bytes)) {
      fail(notHttp1('the API sent HTTP/2 SETTINGS'));
      return false;
    }
    const response = end < HEAD_END.length ? undefined : readSimpleResponse(method, bytes.toString('latin1', 0, end));
    if (response === undefined) return handOver(current, bytes);
    const body = response.length === 'chunked' ? chunkedBody() : fixedLengthBody(response.length);
    const part = body.read(bytes.subarray(end));
    if (part === undefined) return handOver(current, bytes);
    const next: ReadingBody = { name: 'reading-body', exchange, body, reusableMs: response.reusableMs };
    become(next);
    return passed(next, exchange.onResponse(response, part), part);
  };
  const readBody = (bytes: Buffer, current: ReadingBody) => {
    const part = current.body.read(bytes);
    if (part !== undefined) return passed(current, current.exchange.onData(part), part);
    fail(new Error('the API breaks the rules of chunks'));
    return false;
  };
  const read = (bytes: Buffer): boolean => {
    switch (state.name) {
      case 'awaiting-response':
        return readHead(bytes, state);
      case 'reading-body':
        return readBody(bytes, state);
      case 'handed-over':
        return state.rest.push(Buffer.from(bytes));
      default:
        // Bytes that no request asked for must not become the response to the next one.
        close();
        return false;
    }
  };
  const isSilent = () => state.name === 'awaiting-response' && state.isReused && state.head === undefined;
  const onEnd = () => fail(closedByApi(), isSilent());
  const onError = (error: Error) => fail(error, isSilent() && isConnectionLoss(error));

  const connection: UpstreamConnection = {
    receive(bytes) {
      isPaused = !read(bytes);
      return !isPaused;
    },
    send({ method, bytes }, exchange) {
      const isReused = state.name === 'idle';
      const sinceMs = performance.now();
      const next: UpstreamState = { name: 'awaiting-response', exchange, method, sinceMs, isReused, head: undefined };
      become(next);
      exchange.onConnect(connection);
      const isAborted = state !== next;
      if (isAborted) return;
      socket.write(bytes, 'latin1');
      exchange.onRequestSent();
    },
    isFresh: (nowMs) => state.name === 'idle' && nowMs - state.sinceMs < state.reusableMs,
    check(nowMs) {
      if (state.name === 'idle' && !connection.isFresh(nowMs)) close();
      else if (state.name === 'awaiting-response' && nowMs - state.sinceMs > responseTimeoutMs) {
        fail(Object.assign(new Error('no response in time'), { code: 'ETIMEDOUT' }));
      }
    },
    abort: close,
    resume,
  };
  socket.on('end', onEnd).on('close', onEnd).on('error', onError);
  return connection;
}

function closedByApi(): Error {
  return Object.assign(new Error('the API closed the connection'), { code: 'ECONNRESET' });
}

function isHttp2Settings(bytes: Buffer): boolean {
  return bytes[0] === 0 && bytes.subarray(3, 9).equals(SETTINGS);
}

export function notHttp1(message: string): Error {
  return Object.assign(new Error(message), { code: NOT_HTTP1 });
}
