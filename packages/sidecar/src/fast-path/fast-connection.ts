import type { Socket } from 'node:net';
import { MAX_HEADER_BYTES } from '../http/limits.ts';
import type { ClientResponse } from './client-response.ts';
import { CLIENT_TRANSITIONS, CLOSED, CLOSING, type ClientState, HANDED_OVER } from './client-state.ts';
import { isUnused, timeoutOf } from './client-timeouts.ts';
import type { FastConnection, FastConnectionParts } from './fast-connection-parts.ts';
import { createLender, type Lender } from './lender.ts';
import { readPreface } from './preface.ts';
import { asksForUpgrade, type Refusal, refusalOf, refusalResponse } from './refuse-request.ts';
import { endOfHead, isMalformed, readSimpleRequest, skipEmptyLines } from './simple-request.ts';
import { createUnfinishedHead } from './unfinished-head.ts';

export function openFastConnection(socket: Socket, parts: FastConnectionParts): FastConnection {
  const { handle, closing, stallTimeoutMs, unfinished } = parts;
  let state: ClientState = { name: 'new', sinceMs: performance.now(), pipelined: undefined };
  let lender: Lender | undefined;
  let heldBytes = 0;
  let isAdvancing = false;
  const become = (next: ClientState) => {
    if (!CLIENT_TRANSITIONS[state.name].includes(next.name)) {
      throw new Error(`a fast-path connection cannot go from ${state.name} to ${next.name}`);
    }
    state = next;
  };
  const hold = (bytes: number) => {
    if (bytes === heldBytes) return;
    heldBytes = bytes;
    unfinished.set(connection, bytes);
  };

  const closeSoon = () => {
    become(CLOSING);
    hold(0);
    // Closing a connection with unread input would reset it, and the response with it.
    socket.resume();
    socket.destroySoon();
  };
  const refuse = (status: Refusal) => {
    socket.write(refusalResponse(status));
    closeSoon();
  };
  const handOver = (bytes: Buffer, receive: (socket: Socket) => void) => {
    become(HANDED_OVER);
    hold(0);
    parts.onLeave(connection);
    lender?.close();
    socket.off('data', onData).off('end', onEnd).off('close', onClose).off('drain', onDrain).off('timeout', onTimeout);
    socket.setTimeout(0);
    socket.pause();
    socket.unshift(bytes);
    receive(socket);
    socket.off('error', onError);
  };
  const lend = (bytes: Buffer, end: number) => {
    become({ name: 'lent', isRead: false, sinceMs: performance.now(), pipelined: undefined });
    hold(0);
    lender ??= createLender(socket, { serve: parts.serve, onRead, onReturn: onComplete, onLast: closeSoon });
    if (bytes.length > end) keep(bytes.subarray(end));
    lender.lend(bytes.length > end ? bytes.subarray(0, end) : bytes);
  };

  /** Reads what begins with a whole header section. */
  const route = (bytes: Buffer, end: number) => {
    if (end > MAX_HEADER_BYTES) return refuse(431);
    const request = handle === undefined ? undefined : readSimpleRequest(bytes, end);
    if (handle === undefined || request === undefined) return routeOther(bytes, end);
    // The API gets no header section before the first byte of its body; most bodies come in one piece.
    if (request === 'body') return bytes.length === end ? waitForMore(bytes, true) : lend(bytes, end);
    hold(0);
    become({
      name: 'responding',
      request: bytes.length === request.size ? bytes : bytes.subarray(0, request.size),
      isHead: request.method === 'HEAD',
      isLast: request.isLast,
      pipelined: undefined,
      onGone: undefined,
      onDrain: undefined,
    });
    if (bytes.length > request.size) keep(bytes.subarray(request.size));
    return handle(request, response);
  };
  const routeOther = (bytes: Buffer, end: number) => {
    const head = bytes.toString('latin1', 0, end);
    const refusal = refusalOf(head);
    if (refusal !== undefined) refuse(refusal);
    else if (parts.onUpgrade !== undefined && asksForUpgrade(head)) handOver(bytes, parts.onUpgrade);
    else lend(bytes, end);
  };
  const waitForMore = (bytes: Buffer, isComplete: boolean) => {
    if (state.name === 'reading-head') state.isComplete = isComplete;
    else {
      const head = createUnfinishedHead(bytes);
      become({ name: 'reading-head', head, isComplete, isFirst: state.name === 'new', sinceMs: performance.now() });
    }
    if (state.name === 'reading-head') hold(state.head.capacity());
  };
  /** @param end of the header section, if it is complete. */
  const read = (bytes: Buffer, end: number | undefined, isFirst: boolean) => {
    const preface = isFirst && parts.onHttp2 !== undefined ? readPreface(bytes) : 'none';
    if (preface === 'whole' && parts.onHttp2 !== undefined) handOver(bytes, parts.onHttp2);
    else if (preface === 'beginning') waitForMore(bytes, false);
    else if (end !== undefined) route(bytes, end);
    else if (bytes.length > MAX_HEADER_BYTES) refuse(431);
    else if (state.name === 'reading-head' ? state.head.isMalformed() : isMalformed(bytes, 0)) refuse(400);
    else waitForMore(bytes, false);
  };

  /** Reads what has arrived, one request after the other, as long as no response is outstanding. */
  const advance = () => {
    if (isAdvancing) return;
    isAdvancing = true;
    while ((state.name === 'new' || state.name === 'idle') && state.pipelined !== undefined) {
      const bytes = skipEmptyLines(state.pipelined);
      state.pipelined = undefined;
      hold(0);
      if (bytes.length > 0) read(bytes, endOfHead(bytes, 0), state.name === 'new');
    }
    isAdvancing = false;
  };
  /** Keeps what belongs to the next request, until then. */
  const keep = (rest: Buffer) => {
    if (state.name !== 'responding' && state.name !== 'lent') return;
    // A copy, since a part of a buffer keeps all of it in memory.
    state.pipelined = state.pipelined === undefined ? Buffer.from(rest) : Buffer.concat([state.pipelined, rest]);
    hold(state.pipelined.length);
    socket.pause();
  };
  const pass = (bytes: Buffer) => {
    if (lender === undefined) return;
    const rest = lender.pass(bytes);
    if (rest.length > 0) keep(rest);
    else hold(lender.pendingBytes());
    lender.settle();
  };
  const onRead = () => {
    if (state.name !== 'lent') return;
    state.isRead = true;
    if (state.pipelined !== undefined) process.nextTick(passOn);
  };
  const passOn = () => {
    if (state.name !== 'lent' || state.pipelined === undefined) return;
    const { pipelined } = state;
    state.pipelined = undefined;
    socket.resume();
    pass(pipelined);
  };
  const onComplete = () => {
    if (state.name !== 'responding' && state.name !== 'lent') return;
    const { pipelined } = state;
    become({ name: 'idle', sinceMs: performance.now(), pipelined });
    if (pipelined !== undefined) socket.resume();
    advance();
  };

  const onData = (chunk: Buffer) => {
    if (state.name === 'new' || state.name === 'idle') {
      state.pipelined = chunk;
      advance();
    } else if (state.name === 'reading-head') {
      state.head.append(chunk);
      read(state.head.bytes(), state.head.end(), state.isFirst);
    } else if (state.name === 'lent' && state.pipelined === undefined) pass(chunk);
    else keep(chunk);
  };
  const onEnd = () => {
    // As in node:http, a client that stops sending is taken to have left.
    if (state.name === 'responding') socket.destroy();
    else if (state.name === 'lent') lender?.end();
    else socket.end();
  };
  const onClose = () => {
    const onGone = state.name === 'responding' ? state.onGone : undefined;
    become(CLOSED);
    hold(0);
    parts.onLeave(connection);
    lender?.close();
    onGone?.();
  };
  const onDrain = () => {
    if (state.name === 'lent') return;
    socket.setTimeout(0);
    if (state.name === 'responding') state.onDrain?.();
  };
  const onTimeout = () => {
    if (state.name === 'lent') lender?.timeOut();
    else if (socket.writableLength > 0) socket.destroy();
    else socket.setTimeout(0);
  };
  const onError = () => {};

  const response: ClientResponse = {
    socket,
    keepAlive: parts.keepAlive,
    isHead: () => state.name === 'responding' && state.isHead,
    isGone: () => state.name === 'closed',
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
      if (socket.writableLength > 0) socket.setTimeout(stallTimeoutMs);
      if (state.isLast) closeSoon();
      else onComplete();
    },
    destroy: () => void socket.destroy(),
    handOver() {
      if (state.name !== 'responding') return;
      const { request, pipelined } = state;
      socket.setTimeout(0);
      lend(pipelined === undefined ? request : Buffer.concat([request, pipelined]), endOfHead(request, 0) ?? 0);
    },
  };

  const connection: FastConnection = {
    check(nowMs) {
      // A response that is still being sent has a timeout of its own.
      if ('sinceMs' in state && socket.writableLength > 0) state.sinceMs = nowMs;
      const action = timeoutOf(state, nowMs, parts);
      if (action === 'destroy') socket.destroy();
      else if (action === 'refuse') refuse(408);
    },
    closeIfIdle(nowMs) {
      if (socket.writableLength === 0 && isUnused(state, nowMs)) socket.destroy();
    },
    evict() {
      heldBytes = 0;
      if (state.name === 'reading-head') refuse(408);
      else socket.destroy();
    },
  };
  socket.on('data', onData).on('end', onEnd).on('close', onClose).on('drain', onDrain).on('timeout', onTimeout);
  socket.on('error', onError);
  return connection;
}
